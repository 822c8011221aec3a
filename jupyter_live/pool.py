"""Other processes, started when there is work for them."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from loky import BrokenProcessPool, ProcessPoolExecutor
from loky.backend import get_context

from jupyter_live import parcels
from jupyter_live.parcels import Parcel, Unreachable, deliver

log = logging.getLogger(__name__)

T = TypeVar("T")

IDLE = 60.0  # seconds without work after which a process ends


@dataclass(frozen=True, slots=True)
class Sent(Generic[T]):
    """Work that another process does. What it takes here ends with the context."""

    answer: Future[Any]
    parcel: Parcel | None

    def __enter__(self) -> Sent[T]:
        return self

    def __exit__(self, *error: object) -> None:
        if self.parcel:
            self.parcel.close()

    def result(self, answer: Any) -> T:
        """What came of it. Takes 2 ms for 20 MB."""
        result: T = self.parcel.result(answer) if self.parcel else answer
        return result


class Pool:
    """Processes that are started when there is work, and end when there is none."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._has_parcels = parcels.is_possible()
        self._executor: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def send(self, work: Callable[..., T], args: tuple[object, ...]) -> Sent[T] | None:
        """None where no process can be started. Takes some ms when one is, and 10 ms for 20 MB."""
        parcel = None
        if self._has_parcels:
            try:
                parcel = Parcel(work, args)
            except OSError as error:
                log.info("no memory to share with another process, a pipe does: %s", error)
        answer = self._submitted(deliver, (parcel.call,)) if parcel else self._submitted(work, args)
        if answer is None:
            if parcel:
                parcel.close()
            return None
        if parcel:
            answer.add_done_callback(lambda answer: self._look(answer, parcel))
        return Sent(answer, parcel)

    def _look(self, answer: Future[Any], parcel: Parcel) -> None:
        is_wanted = not answer.cancelled() and not parcel.is_closed
        if is_wanted and isinstance(answer.exception(), Unreachable):
            log.warning("large documents are copied through pipes: %s", answer.exception())
            self._has_parcels = False

    def _submitted(self, work: Callable[..., T], args: tuple[object, ...]) -> Future[T] | None:
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


def _begin(parent: int) -> None:
    """What a process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the server, which asks back
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Write no file any more when the server is dead: the next one may have written it anew."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)
