"""From the start to the end of a server: what a signal sets off, and in which order."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from daphne.server import reactor
from twisted.internet.error import CannotListenError

from jupyter_live.asgitypes import Application
from jupyter_live.serving.endpoint import Endpoint
from jupyter_live.serving.server import KILL_TIMEOUT, LOOP, Server

QUIET_TIMEOUT = 2.0
"""Seconds for clients to take what was sent and to answer the close, and for applications to end, after the drain."""

log = logging.getLogger(__name__)


class Stopping:
    """One server, from `run` until it has stopped."""

    def __init__(
        self, application: Application, endpoint: Endpoint, drain: Callable[[], Awaitable[None]], drain_timeout: float
    ) -> None:
        self._server = Server(application, endpoint)
        self._drain = drain
        self._drain_timeout = drain_timeout
        self._stopping: asyncio.Task[None] | None = None

    def run(self, start: Callable[[], Awaitable[None]] | None, on_ready: Callable[[int], None]) -> None:
        """Serve until a signal has come and all is done. Errors as of `serve`."""
        try:
            if start is not None:
                LOOP.run_until_complete(start())
            with self._signals():
                on_ready(self._listen())
                self._server.run()
        finally:
            LOOP.run_until_complete(_end_tasks())

    def _listen(self) -> int:
        try:
            return self._server.listen()
        except CannotListenError as error:
            raise error.socketError from error

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT mean `_signalled` in here."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: Any) -> None:
        # Python runs this between any two instructions: the loop calls the rest. (`add_signal_handler` would do that
        # too, but not on Windows.)
        LOOP.call_soon_threadsafe(self._signalled, signal.Signals(number).name)

    def _signalled(self, name: str) -> None:
        if self._stopping is None:
            log.info("%s: no longer listening, telling everybody to come back", name)
            self._stopping = LOOP.create_task(self._stop())
            self._stopping.add_done_callback(lambda _: reactor.stop())
        else:
            log.warning("%s again: ending at once", name)
            self._stopping.cancel()

    async def _stop(self) -> None:
        """In this order; a second signal cancels it where it is."""
        await self._server.drain()
        await self._drained()
        self._server.close_all()
        await asyncio.wait({asyncio.ensure_future(self._server.quiet())}, timeout=QUIET_TIMEOUT)

    async def _drained(self) -> None:
        drain = asyncio.ensure_future(self._drain())
        done, _ = await asyncio.wait({drain}, timeout=self._drain_timeout)
        if not done:
            log.error("draining takes more than %s s: going on without", self._drain_timeout)
            drain.cancel()
        elif error := drain.exception():
            log.error("draining failed", exc_info=error)


async def _end_tasks() -> None:
    """Cancel what still runs in the loop, and wait for it, but not for ever."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=KILL_TIMEOUT)
