"""Everybody moves a cursor ten times a second, some type, and then all who moved leave at once."""

from __future__ import annotations

import asyncio
import json
import random
from functools import partial

from benchmarks.board import Board, percentile
from benchmarks.client import Client
from benchmarks.servers.base import Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.pace import evenly, note_late
from benchmarks.workloads.typing import drain, gather, note_missing, open_all, some_typists
from jupyter_live.protocol import AwarenessEntry, write_awareness

STAYING, TYPISTS = 10, 5  # people who do not move; those of them who type
RATE = 10  # moves and characters a second of each
WARM_UP = 1.0
LEAVING = 2.0  # seconds that are looked at


class Mover:
    """One person's cursor, as JupyterLab shows it: 300 bytes of JSON."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.clock = 0

    def move(self) -> bytes:
        """The awareness update with the next place."""
        self.clock += 1
        place = {"type": None, "tname": "source", "item": {"client": self.client, "clock": self.clock}, "assoc": 0}
        user = {
            "username": f"u{self.client}",
            "name": f"Person {self.client}",
            "color": "var(--jp-collaborator-color1)",
        }
        state = {"user": user, "cursors": [{"anchor": place, "head": place, "primary": True, "empty": True}]}
        return write_awareness([AwarenessEntry(self.client, self.clock, json.dumps(state))])


async def presence(server: Server, clients: int, seconds: float) -> Figures:
    figures = Figures(server.name, f"presence N={clients}")
    party = await gather(server, f"presence-{clients}", STAYING, TYPISTS)
    chance = random.Random(clients)
    movers = [Mover(chance.randrange(1 << 27, 1 << 32)) for _ in range(clients)]
    cursors = Board([mover.client for mover in movers], clients + STAYING)
    moving = [Client(party.room) for _ in movers]
    await open_all(moving)
    for client in party.clients:
        client.watch_cursors(cursors)
    for client, mover in zip(moving, movers, strict=True):
        client.watch_cursors(cursors, mover.client)

    def move(client: Client, mover: Mover) -> None:
        cursors.mark(mover.client, 1)
        client.send(client.dialect.show(mover.move()))

    moves = [partial(move, client, mover) for client, mover in zip(moving, movers, strict=True)]
    await evenly(moves + party.acts, RATE, WARM_UP)
    await drain(cursors, party.board)
    cursors.record()
    party.board.record()
    with measured(server) as window:
        late = await evenly(moves + party.acts, RATE, seconds)
        await drain(cursors, party.board)
    figures.values = {
        "cursor p50 ms": 1000 * percentile(cursors.latencies, 0.5),
        "cursor p95 ms": 1000 * percentile(cursors.latencies, 0.95),
        "typing p99 ms": 1000 * percentile(party.board.latencies, 0.99),
        "CPU %/client": 100 * window.cpu / window.seconds / clients,
    }
    window.note(figures)
    note_late(figures, late)
    note_missing(figures, cursors, party.board)
    await party.check(figures)

    typists = some_typists("leaving", TYPISTS)
    board = Board([typist.client for typist in typists], STAYING)
    for number, client in enumerate(party.clients):
        client.watch(board, typists[number].client if number < TYPISTS else None)
    board.record()
    typing = asyncio.create_task(
        evenly([partial(c.type, t) for c, t in zip(party.clients, typists, strict=False)], RATE, LEAVING)
    )
    await asyncio.sleep(LEAVING / 4)
    await asyncio.gather(*(client.close() for client in moving))
    await typing
    await drain(board)
    figures.values["leaving p99 ms"] = 1000 * percentile(board.latencies, 0.99)
    note_missing(figures, board)
    await party.close()
    return figures
