"""What HTTP consumers have in common: the whole body in, JSON out, errors with their codes."""

from __future__ import annotations

import json
from typing import Any

from channels.exceptions import StopConsumer

from jupyter_live.asgitypes import Message
from jupyter_live.consumers.base import LiveConsumer
from jupyter_live.errors import LiveError


class HttpConsumer(LiveConsumer):
    """Answers one request. Subclasses make the answer of the body."""

    handlers = {"http.request": "request", "http.disconnect": "disconnect"}
    method = "PUT"
    methods: tuple[str, ...] = ()
    """Those that are answered; `method` where there is one."""
    content_type = "application/json"
    body_limit = 64 * 1024  # bytes

    def __init__(self) -> None:
        self.body = b""

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """The status and the JSON. Raises LiveError."""
        raise NotImplementedError

    async def content(self) -> tuple[int, bytes]:
        """The status and the body, of `content_type`. Raises LiveError."""
        status, answer = await self.answer()
        return status, json.dumps(answer).encode()

    async def request(self, message: Message) -> None:
        self.body += message.get("body", b"")
        if message.get("more_body") and len(self.body) <= self.body_limit:
            return
        try:
            if self.scope["method"] not in (self.methods or (self.method,)):
                raise LiveError("bad_request", self.scope["method"])
            if len(self.body) > self.body_limit:
                raise LiveError("message_too_big", f"{len(self.body)} bytes")
            content_type, (status, content) = self.content_type, await self.content()
        except LiveError as error:
            content_type, status, content = "application/json", error.kind.status, json.dumps(error.body()).encode()
        headers = [(b"content-type", content_type.encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": content})
        raise StopConsumer

    async def disconnect(self, message: Message) -> None:
        raise StopConsumer
