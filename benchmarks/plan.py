"""What scripts/bench runs, and in which order: servers take turns, so that a busy minute hits all of them."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.servers import SERVERS
from benchmarks.steps import OURS, Step
from benchmarks.window import Figures
from benchmarks.workloads import WORKLOADS

PAIR = (OURS, "hocuspocus")
JOINING = (*PAIR, "pycrdt-websocket")
WINDOW_LIMIT = 120.0  # seconds after which a window is given up: every wait in it is bounded, but their sum is long


def rounds(workloads: Iterable[str], servers: Iterable[str], count: int, seconds: float, first: int = 0) -> list[Step]:
    """Every workload on every server, `count` times over; turns are numbered from `first`."""
    names = list(servers)
    return [
        Step(workload, server, seconds, turn)
        for turn in range(first, first + count)
        for workload in workloads
        for server in names
    ]


def full() -> list[Step]:
    """Everything once, with all peers where they say something; then what is noisy, against few, twice more."""
    everybody = ["saturation10", "saturation100", "fanout50"]
    joins = ["join-text", "join-notebook", "join150"]
    rest = ["fanout200", "presence50", "presence150", "slow", "printing", "idle", "churn"]
    first = rounds(everybody, SERVERS, 1, 3) + rounds(joins, JOINING, 1, 3) + rounds(rest, PAIR, 1, 3)
    first += rounds(["rooms"], PAIR, 1, 10)  # so long that each file is saved twice
    noisy = [*everybody, "fanout200", "presence50"]
    return first + [
        step
        for turn in (1, 2)
        for step in rounds(noisy, PAIR, 1, 3, turn) + rounds(["join-text", "join-notebook"], JOINING, 1, 3, turn)
    ]


def quick() -> list[Step]:
    return rounds(["fanout50", "saturation10", "join-notebook", "presence50", "saturation100"], PAIR, 1, 2)


def run(steps: list[Step], limit: float = float("inf")) -> Iterator[tuple[Step, Figures]]:
    """Run the steps one after the other; none begins later than `limit` seconds after the first."""
    started = time.monotonic()
    for step in steps:
        if time.monotonic() - started > limit:
            return
        yield step, window(step)


def window(step: Step) -> Figures:
    """Start a server, let it work, end it. A server that breaks down or does not answer makes a wrong window."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as home:
        try:
            with SERVERS[step.server](Path(home)) as server:
                return asyncio.run(_bounded(WORKLOADS[step.workload](server, step.seconds)))
        except (TimeoutError, asyncio.TimeoutError, OSError, RuntimeError) as error:
            return Figures(step.server, step.workload, wrong=f"{type(error).__name__}: {error}")


async def _bounded(work: Coroutine[Any, Any, Figures]) -> Figures:
    return await asyncio.wait_for(work, WINDOW_LIMIT)
