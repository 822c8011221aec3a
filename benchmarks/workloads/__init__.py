"""The workloads, by name: each takes a running server and a time in seconds, and gives figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.servers.base import Server
from benchmarks.window import Figures
from benchmarks.workloads.fanout import fanout
from benchmarks.workloads.saturation import saturation

Workload = Callable[[Server, float], Awaitable[Figures]]


def _sized(work: Callable[[Server, int, float], Awaitable[Figures]], clients: int) -> Workload:
    return lambda server, seconds: work(server, clients, seconds)


WORKLOADS: dict[str, Workload] = {
    "saturation10": _sized(saturation, 10),
    "saturation100": _sized(saturation, 100),
    "fanout50": _sized(fanout, 50),
    "fanout200": _sized(fanout, 200),
}
