"""Cores, and what a process and all that it started have used of the machine, as the operating system tells it."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

SERVER_CORE, LOAD_CORE = 0, 1


@dataclass(frozen=True)
class Usage:
    """`cpu`: seconds, user and system, of all threads and children. `rss`: bytes."""

    cpu: float
    rss: int


def pin_load() -> bool:
    """Keep this process on the core for the load. False where that cannot be done: figures are noisier there."""
    return _pin(LOAD_CORE)


def allow_connections() -> None:
    """Allow this process, and servers that it starts, as many open sockets as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def server_core() -> Iterator[None]:
    """What is started within this block, and all its threads and children, stay on the core for the server."""
    if _pin(SERVER_CORE):
        try:
            yield
        finally:
            _pin(LOAD_CORE)
    else:
        yield


def usage(pid: int) -> Usage:
    """What a process and its children use, those included that have ended and were waited for."""
    root = psutil.Process(pid)
    cpu, rss = 0.0, 0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            cpu += _precise(process.pid, times.user + times.system) + ended
            rss += process.memory_info().rss
    return Usage(cpu, rss)


def _precise(pid: int, rough: float) -> float:
    """CPU seconds of a process by its own clock, which Linux has for each: `rough` ones come in steps of 10 ms."""
    if not sys.platform.startswith("linux"):
        return rough
    try:
        return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3), which Python has not got
    except OSError:
        return rough


def _pin(core: int) -> bool:
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        return False
    try:
        os.sched_setaffinity(0, {core})
    except OSError:
        return False
    return True
