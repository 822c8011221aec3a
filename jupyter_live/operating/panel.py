"""What an operator asks a relay by HTTP: metrics and status."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.errors import LiveError

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Panel:
    """Answers GET `/metrics` and `/statusz`, and passes everything else on.

    Who asks is not asked for anything: it belongs on a port that only operators reach, or behind a proxy that sees to
    that. `metrics` and `status` may raise a LiveError, which is the answer then.
    """

    def __init__(
        self, application: Application, metrics: Callable[[], bytes], status: Callable[[], dict[str, Any]]
    ) -> None:
        self._application = application
        self._pages: dict[str, tuple[str, Callable[[], bytes]]] = {
            "/metrics": (METRICS_TYPE, metrics),
            "/statusz": ("application/json", lambda: json.dumps(status()).encode()),
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        page = self._pages.get(scope["path"]) if is_asked else None
        if page is None:
            return await self._application(scope, receive, send)
        content_type, make = page
        try:
            await _answer(send, 200, content_type, make())
        except LiveError as error:
            await _answer(send, error.kind.status, "application/json", json.dumps(error.body()).encode())


async def _answer(send: Send, status: int, content_type: str, content: bytes) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
