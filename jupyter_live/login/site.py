"""Django's pages in front of another ASGI application: a few at once, and of requests that are small."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished
from django.db import connections

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.errors import LiveError
from jupyter_live.login.settings import take

PATHS = ("/login", "/login/", "/logout", "/logout/")
AT_ONCE = 2
"""Requests in Django at once: each has a thread, a connection to the database, and for a password 0.5 s of hashing."""
WAITING = 200
"""Requests that may be here, those included; others are to come again."""
BODY_LIMIT = 16 * 1024  # bytes; a form has some 300


class Site:
    """Answers `/login/` and `/logout/`, and passes everything else on. Django must be configured for it.

    `keys`: of the sessions, asked for with each request.
    """

    def __init__(self, application: Application, keys: Callable[[], Sequence[str]]) -> None:
        self._application = application
        self._keys = keys
        self._django: Any = ASGIHandler()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            return await self._application(scope, receive, send)
        if self._here >= WAITING:
            return await _refuse(LiveError("not_ready"), send)
        self._here += 1
        try:
            await self._serve(scope, receive, send)
        except LiveError as error:
            await _refuse(error, send)
        finally:
            self._here -= 1

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _read(receive)  # before it takes a slot, which somebody slow would keep
        if body is None:
            return
        first: list[Message] = [{"type": "http.request", "body": body}]

        async def receiving() -> Message:
            return first.pop() if first else await receive()

        async with self._slots:
            take(self._keys())
            await self._django(scope, receiving, send)


async def _read(receive: Receive) -> bytes | None:
    """The body; None when the client is gone. Raises LiveError `message_too_big`."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > BODY_LIMIT:
            raise LiveError("message_too_big", "a form")
        if not message.get("more_body", False):
            return body


async def _refuse(error: LiveError, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": error.kind.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error.body()).encode()})


def _close(**signal: Any) -> None:
    """Close the connections of the thread of a request, which ends with it. (They are kept open everywhere else.)"""
    connections.close_all()


request_finished.connect(_close)

# A stack for whoever sends a host that is none: they are answered with 400.
logging.getLogger("django.security.DisallowedHost").setLevel(logging.CRITICAL)
