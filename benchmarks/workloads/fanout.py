"""One room, five people who type 10 characters a second each, and everybody else who watches."""

from __future__ import annotations

from benchmarks.board import percentile
from benchmarks.servers.base import Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.pace import evenly, note_late
from benchmarks.workloads.typing import drain, gather

WRITERS = 5
RATE = 10  # characters a second of each
WARM_UP = 1.0


async def fanout(server: Server, clients: int, seconds: float) -> Figures:
    party = await gather(server, f"fanout-{clients}", clients, WRITERS)
    board = party.board
    await evenly(party.acts, RATE, WARM_UP)
    await drain(board)
    board.record()
    before = board.deliveries
    with measured(server) as window:
        late = await evenly(party.acts, RATE, seconds)
        await drain(board)
        delivered = board.deliveries - before
    figures = Figures(server.name, f"fanout N={clients}")
    figures.values = {
        "us CPU/delivery": 1e6 * window.cpu / delivered,
        "p50 ms": 1000 * percentile(board.latencies, 0.5),
        "p95 ms": 1000 * percentile(board.latencies, 0.95),
        "p99 ms": 1000 * percentile(board.latencies, 0.99),
        "deliveries": delivered,
    }
    note_late(figures, late)
    window.note(figures)
    await party.check(figures)
    await party.close()
    return figures
