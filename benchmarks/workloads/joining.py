"""Many people who open the same large document at once."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterable
from typing import Any

import pycrdt

from benchmarks.board import percentile
from benchmarks.client import Client
from benchmarks.servers.base import Room, Server
from benchmarks.updates import ROOT
from benchmarks.window import Figures, measured
from benchmarks.workloads.content import filled

SAMPLE = 0.02  # seconds between looks at the server's memory


class _Newcomer(Client):
    """Takes the document and reads nothing of it. It may come in several messages, the answer to a step 1 the last."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.parts: list[bytes] = []

    def take(self, frame: bytes) -> None:
        is_whole, update = self.dialect.changes(frame)
        if update and not self.synced.is_set():
            self.parts.append(update)
        if is_whole:
            self.synced.set()


async def joining(server: Server, clients: int, content: Any) -> Figures:
    """`content`: a text or a notebook. Ends when all have it."""
    room, keeper = await filled(server, "joining", content)
    figures = Figures(server.name, "joining")
    newcomers = [_Newcomer(room) for _ in range(clients)]
    before = server.usage().rss
    peak = [before]
    watching = asyncio.create_task(_watch(server, peak))
    took = array("d")

    async def join(newcomer: _Newcomer, started: float) -> None:
        await newcomer.open()
        took.append(asyncio.get_running_loop().time() - started)

    with measured(server) as window:
        now = asyncio.get_running_loop().time()
        await asyncio.gather(*(join(newcomer, now) for newcomer in newcomers))
    watching.cancel()
    size = sum(map(len, newcomers[0].parts))
    figures.values = {
        "all in s": max(took),
        "p50 s": percentile(took, 0.5),
        "peak growth MB": (max(*peak, server.usage().rss) - before) / 1e6,
        "document MB": size / 1e6,
    }
    figures.values["growth/document"] = figures.values["peak growth MB"] / figures.values["document MB"]
    window.note(figures)
    if any(not _holds(parts, content) for parts in {tuple(newcomer.parts) for newcomer in newcomers}):
        figures.wrong = "a newcomer has another document"
    await asyncio.gather(*(client.close() for client in [*newcomers, keeper]))
    return figures


async def _watch(server: Server, sizes: list[int]) -> None:
    while True:
        sizes.append(server.usage().rss)
        await asyncio.sleep(SAMPLE)


def _holds(updates: Iterable[bytes], content: Any) -> bool:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    if isinstance(content, str):
        return str(doc.get(ROOT, type=pycrdt.Text)) == content
    cells = doc.get("cells", type=pycrdt.Array).to_py() or []
    return [_plain(cell) for cell in cells] == [_plain(cell) for cell in content["cells"]]


def _plain(cell: dict[str, Any]) -> tuple[str, list[str]]:
    return cell["source"], ["".join(output["text"]) for output in cell["outputs"]]
