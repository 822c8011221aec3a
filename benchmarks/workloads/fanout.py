"""One room, five people who type 10 characters a second each, and everybody else who watches."""

from __future__ import annotations

import asyncio
import random
from array import array

from benchmarks.board import percentile
from benchmarks.servers.base import Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.typing import Party, gather

WRITERS = 5
RATE = 10  # characters a second of each
WARM_UP = 1.0


async def fanout(server: Server, clients: int, seconds: float) -> Figures:
    party = await gather(server, f"fanout-{clients}", clients, WRITERS)
    board = party.board
    await type_evenly(party, WARM_UP)
    await party.drain()
    board.record()
    before = board.deliveries
    with measured(server) as window:
        late = await type_evenly(party, seconds)
        await party.drain()
        delivered = board.deliveries - before
    figures = Figures(server.name, f"fanout N={clients}")
    figures.values = {
        "us CPU/delivery": 1e6 * window.cpu / delivered,
        "p50 ms": 1000 * percentile(board.latencies, 0.5),
        "p95 ms": 1000 * percentile(board.latencies, 0.95),
        "p99 ms": 1000 * percentile(board.latencies, 0.99),
        "deliveries": delivered,
        "typed late p99 ms": 1000 * percentile(late, 0.99),
    }
    window.note(figures)
    await party.check(figures)
    await party.close()
    return figures


async def type_evenly(party: Party, seconds: float, rate: float = RATE) -> array[float]:
    """Let every typist type at this rate, at moments that chance chooses within each 1/rate of a second.

    Returns by how many seconds each character was typed too late: more than a little means that this machine is busy.
    """
    chance, loop, late = random.Random(1), asyncio.get_running_loop(), array("d")
    start = loop.time() + 0.01
    moments = [
        (start + (beat + chance.random()) / rate, client, number)
        for client, number in party.typists
        for beat in range(int(seconds * rate))
    ]
    for moment, client, number in sorted(moments, key=lambda each: each[0]):
        if (pause := moment - loop.time()) > 0:
            await asyncio.sleep(pause)
        late.append(loop.time() - moment)
        client.type(number)
    return late
