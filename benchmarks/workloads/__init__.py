"""The workloads, by name: each takes a running server and a time in seconds, and gives figures."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.servers.base import Server
from benchmarks.window import Figures
from benchmarks.workloads.content import notebook, text
from benchmarks.workloads.fanout import fanout
from benchmarks.workloads.idle import churn, idle
from benchmarks.workloads.joining import joining
from benchmarks.workloads.presence import presence
from benchmarks.workloads.printing import printing
from benchmarks.workloads.rooms import rooms
from benchmarks.workloads.saturation import saturation
from benchmarks.workloads.slow import slow

Workload = Callable[[Server, float], Coroutine[Any, Any, Figures]]

WORKLOADS: dict[str, Workload] = {
    "saturation10": lambda server, seconds: saturation(server, 10, seconds),
    "saturation100": lambda server, seconds: saturation(server, 100, seconds),
    "fanout50": lambda server, seconds: fanout(server, 50, seconds),
    "fanout200": lambda server, seconds: fanout(server, 200, seconds),
    "rooms": rooms,
    "join-text": lambda server, _: joining(server, 30, text(10_000_000)),
    "join-notebook": lambda server, _: joining(server, 30, notebook(500)),
    "join150": lambda server, _: joining(server, 150, text(4_000_000)),
    "presence50": lambda server, seconds: presence(server, 50, seconds),
    "presence150": lambda server, seconds: presence(server, 150, seconds),
    "slow": slow,
    "printing": lambda server, _: printing(server),
    "idle": idle,
    "churn": churn,
}
