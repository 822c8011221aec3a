"""A cell prints 10,000 lines as fast as it can, ten people watch, and one types in another cell."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pycrdt

from benchmarks.board import Board, percentile
from benchmarks.client import Client, Joiner
from benchmarks.servers.base import Room, Server
from benchmarks.servers.jupyter import Live
from benchmarks.structs import ranges
from benchmarks.window import Figures, measured
from benchmarks.workloads.content import filled, notebook
from benchmarks.workloads.pace import evenly, note_late
from benchmarks.workloads.typing import drain, note_missing, open_all

LINES, WATCHERS = 10_000, 10
RATE, SECONDS = 10, 3.0  # of the person who types
BATCH = 100  # lines that are handed to the socket before others get a turn


class Script:
    """Edits made beforehand with a real CRDT by one client, to be sent one after the other."""

    def __init__(self, doc: pycrdt.Doc[Any]) -> None:
        self.client = int(doc.client_id)
        self._updates: list[bytes] = []
        self._at = 0
        self._subscription = doc.observe(lambda event: self._updates.append(event.update))
        self._doc = doc

    def type(self) -> tuple[bytes, int]:
        update = self._updates[self._at]
        self._at += 1
        return update, sum(end - start for client, start, end in ranges(update) if client == self.client)

    def __len__(self) -> int:
        return len(self._updates)


async def printing(server: Server, lines: int = LINES) -> Figures:
    figures = Figures(server.name, "printing")
    room, keeper = await filled(server, "printing", notebook(2, outputs=0))
    output, typed = await _copy(room), await _copy(room)
    printer, typist = Script(output), Script(typed)
    _print(output, lines)
    for _ in range(int(RATE * SECONDS)):
        typed.get("cells", type=pycrdt.Array)[1]["source"].insert(0, "x")
    board = Board([printer.client, typist.client], WATCHERS + 2)
    people = [Client(room, board, me) for me in (printer.client, typist.client, *[None] * WATCHERS)]
    await open_all(people)

    async def print_all() -> None:
        for number in range(len(printer)):
            people[0].type(printer)
            if number % BATCH == 0:
                await asyncio.sleep(0)

    board.record()
    with measured(server) as window:
        printed = asyncio.create_task(print_all())
        late = await evenly([partial(people[1].type, typist)], RATE, SECONDS)
        await printed
        await drain(board)
    print_started, printed_lines = board.writings[printer.client].sent[0], board.writings[printer.client]
    figures.values = {
        "all seen s": printed_lines.last - print_started,
        "typing p95 ms": 1000 * percentile(board.writings[typist.client].latencies, 0.95),
    }
    window.note(figures)
    note_late(figures, late)
    note_missing(figures, board)
    shown = (await _copy(room)).get("cells", type=pycrdt.Array).to_py() or []
    if shown[0]["outputs"][0]["text"] != _printed(lines) or not shown[1]["source"].startswith(
        "x" * int(RATE * SECONDS)
    ):
        figures.wrong += " a newcomer sees another output or source"
    if isinstance(server, Live):
        figures.values["log MB"] = sum(file.stat().st_size for file in server.home.glob("data/**/live.sqlite3*")) / 1e6
    await asyncio.gather(*(client.close() for client in [*people, keeper]))
    return figures


def _print(doc: pycrdt.Doc[Any], lines: int) -> None:
    outputs = doc.get("cells", type=pycrdt.Array)[0]["outputs"]
    outputs.append(pycrdt.Map({"output_type": "stream", "name": "stdout", "text": pycrdt.Text("")}))
    text = outputs[0]["text"]
    size = 0
    for number in range(lines):
        line = f"line {number}\n"
        text.insert(size, line)
        size += len(line)


def _printed(lines: int) -> str:
    return "".join(f"line {number}\n" for number in range(lines))


async def _copy(room: Room) -> pycrdt.Doc[Any]:
    joiner = Joiner(room)
    await joiner.open()
    await joiner.close()
    return joiner.doc
