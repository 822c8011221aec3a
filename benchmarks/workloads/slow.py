"""One person's connection takes nothing any more while others type a lot, and takes again."""

from __future__ import annotations

import asyncio

from benchmarks.servers.base import Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.pace import evenly, note_late
from benchmarks.workloads.typing import drain, gather

CLIENTS, WRITERS = 10, 4
RATE, PIECE = 20, 50_000  # edits a second of each writer, characters of each: 4 MB/s
WARM_UP = 1.0


async def slow(server: Server, seconds: float) -> Figures:
    figures = Figures(server.name, "slow reader")
    party = await gather(server, "slow", CLIENTS, WRITERS, PIECE)
    reader = party.clients[-1]
    await evenly(party.acts, RATE, WARM_UP)
    await drain(party.board)
    party.board.record()
    before, typed = reader.bytes, sum(typist.clock for typist in party.typists)
    reader.stop_reading()
    with measured(server) as window:
        late = await evenly(party.acts, RATE, seconds)
        await asyncio.sleep(0.2)
    missed = sum(typist.clock for typist in party.typists) - typed
    others = sorted(party.board.latencies)
    loop = asyncio.get_running_loop()
    started = loop.time()
    reader.read_on()
    await drain(party.board)
    figures.values = {
        "grown MB": window.grown,
        "typed MB": missed / 1e6,
        "catching up s": loop.time() - started,
        "sent again/missed": (reader.bytes - before) / missed,
        "others' p99 ms": 1000 * others[int(len(others) * 0.99)] if others else 0.0,
    }
    window.note(figures)
    note_late(figures, late)
    await party.check(figures)
    await party.close()
    return figures
