"""What HTTP consumers have in common: the whole body in, JSON out, errors with their codes."""

from __future__ import annotations

import json
from typing import Any

from channels.exceptions import StopConsumer

from jupyter_live.consumers.base import LiveConsumer, Message
from jupyter_live.errors import LiveError


class HttpConsumer(LiveConsumer):
    """Answers one PUT request. Subclasses make the answer of the body."""

    handlers = {"http.request": "request", "http.disconnect": "disconnect"}
    body_limit = 64 * 1024  # bytes

    def __init__(self) -> None:
        self.body = b""

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """The status and the JSON. Raises LiveError."""
        raise NotImplementedError

    async def request(self, message: Message) -> None:
        self.body += message.get("body", b"")
        if message.get("more_body") and len(self.body) <= self.body_limit:
            return
        try:
            if self.scope["method"] != "PUT":
                raise LiveError("bad_request", self.scope["method"])
            if len(self.body) > self.body_limit:
                raise LiveError("message_too_big", f"{len(self.body)} bytes")
            status, answer = await self.answer()
        except LiveError as error:
            status, answer = error.kind.status, error.body()
        headers = [(b"content-type", b"application/json")]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": json.dumps(answer).encode()})
        raise StopConsumer

    async def disconnect(self, message: Message) -> None:
        raise StopConsumer
