"""HTTP requests through the mount."""

from __future__ import annotations

import asyncio

from jupyter_live.errors import LiveError
from jupyter_live.mount.asgi import Application, Limits, Message, scope_of
from jupyter_live.mount.gate import Gate, Refused


class HttpMount(Gate):
    """Serves one request by the ASGI application. Tornado has read the body; responses may stream."""

    def initialize(self, serve: Application, limits: Limits) -> None:
        self._app = serve
        self._gone = asyncio.Event()

    async def _serve(self) -> None:
        body = [self.request.body]

        async def receive() -> Message:
            if body:
                return {"type": "http.request", "body": body.pop(), "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        try:
            await self._app(scope_of(self, "http"), receive, self._send)
        except LiveError as error:
            raise Refused(error.code) from error

    async def _send(self, message: Message) -> None:
        if self._gone.is_set():
            raise OSError("the client is gone")
        if message["type"] == "http.response.start":
            self.set_status(message["status"])
            for name, value in message.get("headers", []):
                self.set_header(name.decode("latin-1"), value.decode("latin-1"))
        else:
            self.write(message.get("body", b""))
            if message.get("more_body"):
                await self.flush()

    def on_connection_close(self) -> None:
        self._gone.set()
        super().on_connection_close()

    get = put = post = delete = patch = _serve
