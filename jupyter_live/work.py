"""Heavy work on documents, off the event loop: in a thread where they are small, in another process where not.

A thread is no help for a large one: the engine, `json` and `pickle` hold the interpreter's lock in each call, 50 to
600 ms for 20 MB, and no other thread runs meanwhile, that of the event loop neither.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from loky import BrokenProcessPool

from jupyter_live.parcels import Unreachable
from jupyter_live.pool import Pool, Sent

T = TypeVar("T")


class Folds(Protocol):
    """An engine; see there."""

    def fold(self, updates: Sequence[bytes]) -> bytes: ...

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes: ...


LARGE = 2**19
"""Bytes from which on work is for another process: below, no call takes more than some 5 ms, and starting one 1 s."""
PROCESSES = 2 if (os.cpu_count() or 1) >= 4 else 1  # each takes 80 MB, and some ten times the document at work
TRIES = 2  # times that work is begun whose process dies: perhaps it was this work that killed it


async def run(size: int, work: Callable[..., T], *args: object) -> T:
    """Do `work`, a function of a module, on some `size` bytes. Raises what it raises.

    All that goes in and comes out is copied: best bytes, which hold up nobody (`parcels.py`). A process that dies
    meanwhile is replaced, and the work begun again; RuntimeError when that does not help.
    """
    if size < LARGE:
        return await asyncio.to_thread(work, *args)
    for _ in range(TRIES):
        sent: Sent[T] | None = await asyncio.to_thread(_documents.send, work, args)
        if sent is None:
            return await asyncio.to_thread(work, *args)
        with sent, suppress(BrokenProcessPool, Unreachable):
            return await asyncio.to_thread(sent.result, await asyncio.wrap_future(sent.answer))
    raise RuntimeError(f"a process died of {work.__name__} on {size} bytes")


def run_for_log(size: int, work: Callable[..., T], *args: object) -> T:
    """The same for the log's thread, which waits: in a process of its own, not behind the work on documents."""
    if size < LARGE:
        return work(*args)
    for _ in range(TRIES):
        sent: Sent[T] | None = _log.send(work, args)
        if sent is None:
            return work(*args)
        with sent, suppress(BrokenProcessPool, Unreachable):
            return sent.result(sent.answer.result())
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


_documents = Pool(PROCESSES)
_log = Pool(1)
