"""As many edits as the server takes: each of 10 writers keeps 50 of its own on their way, so that no queue grows.

The figure is edits delivered per second of server CPU: N clients get each edit N - 1 times.
"""

from __future__ import annotations

import asyncio

from benchmarks.board import percentile
from benchmarks.servers.base import Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.typing import Party, drain, gather

WRITERS = 10
IN_FLIGHT = 50  # edits of each writer
WARM_UP = 1.0  # seconds, until just-in-time compilers have compiled


async def saturation(server: Server, clients: int, seconds: float) -> Figures:
    party = await gather(server, f"saturation-{clients}", clients, WRITERS)
    board = party.board
    pump = Pump(party)
    pump.start()
    await asyncio.sleep(WARM_UP)
    board.record()
    before = board.deliveries
    with measured(server) as window:
        await asyncio.sleep(seconds)
        delivered = board.deliveries - before
    pump.stop()
    await drain(board)
    figures = Figures(server.name, f"saturation N={clients}")
    figures.values = {
        "edits/CPU s": delivered / window.cpu,
        "edits/s": delivered / window.seconds,
        "p50 ms": 1000 * percentile(board.latencies, 0.5),
        "p99 ms": 1000 * percentile(board.latencies, 0.99),
    }
    window.note(figures)
    await party.check(figures)
    await party.close()
    return figures


class Pump:
    """Types whenever there is room, once a turn of the loop at most."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self._writers = [(client, typist, party.board.writings[typist.client]) for client, typist in party.writers]
        self._is_due = False

    def start(self) -> None:
        self.party.board.on_delivery = self._plan
        self._plan()

    def stop(self) -> None:
        self.party.board.on_delivery = None

    def _plan(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        self._is_due = False
        if self.party.board.on_delivery is None:
            return
        for client, typist, writing in self._writers:
            for _ in range(int(IN_FLIGHT - writing.in_flight)):
                client.type(typist)
