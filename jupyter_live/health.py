"""What a load balancer asks: whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from jupyter_live.asgitypes import Application, Message, Receive, Send

TIMEOUT = 2.0
"""Seconds in which all parts have to say that they are ready."""

DRAINING = "jupyter_live.draining"
"""Key of an ASGI extension: in the scopes of a server that is about to end."""


log = logging.getLogger(__name__)


class Health:
    """Answers GET `/healthz` and `/readyz` below `base_path`, and passes everything else on.

    `/healthz` is 200 as long as the process lives. `/readyz` is 200, or 503 with what `ready` tells: each part that is
    not ready, and why, such as {"database": "unreachable"}. Anybody may ask, so that tells no secrets, and there is one
    call of `ready` at a time for all who ask.
    """

    def __init__(
        self, application: Application, ready: Callable[[], Awaitable[dict[str, str]]], base_path: str = ""
    ) -> None:
        self._application = application
        self._ready = ready
        self._base = base_path.rstrip("/")
        self._asking: asyncio.Future[dict[str, str]] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            if scope["path"] == f"{self._base}/healthz":
                return await _answer(send, 200, {"status": "ok"})
            if scope["path"] == f"{self._base}/readyz":
                missing = await self._missing(scope)
                return await _answer(send, 503 if missing else 200, missing or {"status": "ok"})
        await self._application(scope, receive, send)

    async def _missing(self, scope: Message) -> dict[str, str]:
        if DRAINING in (scope.get("extensions") or {}):
            return {"server": "draining"}
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ready())
        asking = self._asking
        # Not `wait_for`, which waits for what it cancels: Django's queries go on in their thread.
        done, _ = await asyncio.wait({asking}, timeout=TIMEOUT)
        if not done:
            return {"readiness": f"no answer within {TIMEOUT:g} s"}
        try:
            return asking.result()
        except Exception:
            log.exception("readiness could not be told")
            return {"readiness": "failed"}


async def _answer(send: Send, status: int, body: dict[str, str]) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
