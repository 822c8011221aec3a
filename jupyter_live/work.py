"""Heavy work on documents, off the event loop: in a thread where they are small, in another process where not.

A thread is no help for a large one: the engine, `json` and `pickle` hold the interpreter's lock in each call, 50 to
600 ms for 20 MB, and no other thread runs meanwhile, that of the event loop neither.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Protocol, TypeVar

from loky import BrokenProcessPool, ProcessPoolExecutor
from loky.backend import get_context

log = logging.getLogger(__name__)

T = TypeVar("T")


class Folds(Protocol):
    """An engine; see there."""

    def fold(self, updates: Sequence[bytes]) -> bytes: ...

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes: ...


LARGE = 2**19
"""Bytes from which on work is for another process: below, no call takes more than some 5 ms, and starting one 1 s."""
PROCESSES = 2 if (os.cpu_count() or 1) >= 4 else 1  # each takes 80 MB, and some ten times the document at work
IDLE = 60.0  # seconds without work after which a process ends
TRIES = 2  # times that work is begun whose process dies: perhaps it was this work that killed it


async def run(size: int, work: Callable[..., T], *args: object) -> T:
    """Do `work`, a function of a module, on some `size` bytes. Raises what it raises.

    All that goes in and comes out is copied: best bytes, which cost 1 ms for 4 MB. A process that dies meanwhile is
    replaced, and the work begun again; RuntimeError when that does not help.
    """
    if size < LARGE:
        return await asyncio.to_thread(work, *args)
    for _ in range(TRIES):
        submitted = await asyncio.to_thread(_documents.submit, work, args)
        if submitted is None:
            return await asyncio.to_thread(work, *args)
        with suppress(BrokenProcessPool):
            return await asyncio.wrap_future(submitted)
    raise RuntimeError(f"a process died of {work.__name__} on {size} bytes")


def run_for_log(size: int, work: Callable[..., T], *args: object) -> T:
    """The same for the log's thread, which waits: in a process of its own, not behind the work on documents."""
    if size < LARGE:
        return work(*args)
    for _ in range(TRIES):
        submitted = _log.submit(work, args)
        if submitted is None:
            return work(*args)
        with suppress(BrokenProcessPool):
            return submitted.result()
    raise RuntimeError(f"a process died of {work.__name__} on {size} bytes")


class Folding:
    """What an engine does for the log; both are called in threads, which wait."""

    def __init__(self, engine: Folds) -> None:
        self._engine = engine

    def fold(self, updates: Sequence[bytes]) -> bytes:
        return run_for_log(sum(map(len, updates)), self._engine.fold, updates)

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
        return run_for_log(sum(map(len, [*before, *updates])), self._engine.fold_onto, before, updates)


def close() -> None:
    """End the processes. What they still do is lost; new work starts new ones."""
    _documents.close()
    _log.close()


class _Pool:
    """Processes that are started when there is work, and end when there is none."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def submit(self, work: Callable[..., T], args: tuple[object, ...]) -> Future[T] | None:
        """None where no process can be started. Takes some ms when one is."""
        with self._lock:
            try:
                try:
                    return self._submit(work, args)
                except BrokenProcessPool:
                    self._executor = None
                    return self._submit(work, args)
            except Exception:
                log.exception("no process for work on large documents: the server may stand still for moments")
                return None

    def close(self) -> None:
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)

    def _submit(self, work: Callable[..., T], args: tuple[object, ...]) -> Future[T]:
        if self._executor is None:
            # Not "spawn": that would import the program that runs, JupyterLab, into each of them.
            self._executor = ProcessPoolExecutor(
                self._processes,
                timeout=IDLE,
                context=get_context("loky"),
                initializer=_begin,
                initargs=(os.getpid(),),
            )
        future: Future[T] = self._executor.submit(work, *args)
        return future


_documents = _Pool(PROCESSES)
_log = _Pool(1)


def _begin(parent: int) -> None:
    """What a process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the server, which asks back
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Write no file any more when the server is dead: the next one may have written it anew."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)
