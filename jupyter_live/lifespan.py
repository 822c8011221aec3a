"""Starting and stopping an application under whatever ASGI server runs it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.errors import LiveError

log = logging.getLogger(__name__)


class Lifespan:
    """Awaits `start` before anything else reaches the application, and `stop` when the server shuts down.

    Servers with ASGI's lifespan (uvicorn, hypercorn) say when; what `start` raises ends them, with its text. For others
    (the `daphne` command) the first request or socket starts it, once for all; when that fails, all of them are
    answered with 503 or 1013, and such a server never calls `stop`.
    """

    def __init__(
        self, application: Application, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]
    ) -> None:
        self._application = application
        self._start = start
        self._stop = stop
        self._starting: asyncio.Future[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        try:
            await self._started()
        except Exception:
            return await _refuse(scope, receive, send)
        await self._application(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._started()
        except Exception as error:
            return await send({"type": "lifespan.startup.failed", "message": str(error)})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await self._stop()
        except Exception as error:
            log.exception("stopping failed")
            return await send({"type": "lifespan.shutdown.failed", "message": str(error)})
        await send({"type": "lifespan.shutdown.complete"})

    async def _started(self) -> None:
        """Begin to start if nobody has, and wait. Raises what `start` raised, to everybody."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
            self._starting.add_done_callback(_report)
        await asyncio.shield(self._starting)  # who asks may go: others wait for it


def _report(starting: asyncio.Future[None]) -> None:
    if not starting.cancelled() and (error := starting.exception()):
        log.error("not_started: starting failed", exc_info=error)


async def _refuse(scope: Message, receive: Receive, send: Send) -> None:
    error = LiveError("not_started")
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})  # before that there are no codes
        await send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})
    else:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": error.kind.status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(error.body()).encode()})
