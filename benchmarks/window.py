"""One measured stretch of work on one server: what it used, and how busy this process was meanwhile."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.servers.base import Server

BOTTLENECK = 0.9  # of a core


@dataclass
class Figures:
    """What a window gave. Names of `values` carry their unit; `wrong` says what is wrong with it, or nothing."""

    server: str
    workload: str
    values: dict[str, float] = field(default_factory=dict)
    wrong: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class Window:
    """`seconds` of wall clock, `cpu` seconds of the server, `load` as the part of a core that this process took."""

    seconds: float = 0.0
    cpu: float = 0.0
    load: float = 0.0
    rss: float = 0.0
    """MB of the server at the end"""
    grown: float = 0.0
    """MB by which the server grew meanwhile"""

    def note(self, figures: Figures) -> None:
        """Put what every workload tells into its figures."""
        figures.values |= {
            "server CPU s": self.cpu,
            "server CPU %": 100 * self.cpu / self.seconds,
            "RSS MB": self.rss,
            "load CPU %": 100 * self.load,
        }
        if self.load > BOTTLENECK:
            figures.notes.append("the load generator is the bottleneck")


@contextmanager
def measured(server: Server) -> Iterator[Window]:
    """Measure what happens within. Python's collector rests meanwhile: its pauses are not the server's."""
    window = Window()
    gc.collect()
    gc.disable()
    before, started, busy = server.usage(), time.perf_counter(), time.process_time()
    try:
        yield window
    finally:
        window.seconds = time.perf_counter() - started
        window.load = (time.process_time() - busy) / window.seconds
        after = server.usage()
        window.cpu = after.cpu - before.cpu
        window.rss, window.grown = after.rss / 1e6, (after.rss - before.rss) / 1e6
        gc.enable()
