"""200 rooms of three people who type a character a second each."""

from __future__ import annotations

import asyncio
from array import array

from benchmarks.board import percentile
from benchmarks.client import read_text
from benchmarks.servers.base import Server
from benchmarks.updates import expected
from benchmarks.window import Figures, measured
from benchmarks.workloads.pace import evenly, note_late
from benchmarks.workloads.typing import Party, drain, gather, note_missing

ROOMS, TYPISTS = 200, 3
RATE = 1  # characters a second
LOOKED_AT = 10  # rooms whose text is read by a newcomer


async def rooms(server: Server, seconds: float) -> Figures:
    figures = Figures(server.name, "rooms")
    parties: list[Party] = []
    with measured(server) as opening:
        for number in range(ROOMS):
            parties.append(await gather(server, f"room-{number}", TYPISTS, TYPISTS))
    boards = [party.board for party in parties]
    acts = [act for party in parties for act in party.acts]
    await evenly(acts, RATE, 1.0)
    await drain(*boards)
    for board in boards:
        board.record()
    with measured(server) as window:
        late = await evenly(acts, RATE, seconds)
        await drain(*boards)
    latencies = array("d", [latency for board in boards for latency in board.latencies])
    figures.values = {
        "opening CPU s": opening.cpu,
        "opening s": opening.seconds,
        "KB/connection": 1000 * opening.grown / (ROOMS * TYPISTS),
        "p50 ms": 1000 * percentile(latencies, 0.5),
        "p99 ms": 1000 * percentile(latencies, 0.99),
    }
    window.note(figures)
    note_late(figures, late)
    note_missing(figures, *boards)
    for party in parties[:: ROOMS // LOOKED_AT]:
        if await read_text(party.room) != expected(party.typists):
            figures.wrong += f" a newcomer to {party.room.url.split('?')[0]} sees another text"
    await asyncio.gather(*(party.close() for party in parties))
    return figures
