"""HTTP requests through the mount."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from jupyter_live.asgitypes import Application, Message
from jupyter_live.errors import LiveError
from jupyter_live.mount.asgi import Limits, scope_of
from jupyter_live.mount.gate import Gate, Refused


class HttpMount(Gate):
    """Serves one request by the ASGI application. Tornado has read the body; responses may stream."""

    def initialize(self, serve: Application, limits: Limits) -> None:
        self._app = serve
        self._gone = asyncio.Event()
        self._is_complete = False

    async def prepare(self) -> None:  # type: ignore[override]
        if self.request.method == "OPTIONS":
            self.let_ask()  # nobody is signed in yet
        else:
            await super().prepare()

    @allow_unauthenticated
    def options(self, *args: str, **kwargs: str) -> None:
        """What a browser asks before it sends the request of a page of another origin."""
        self.set_header("Access-Control-Allow-Methods", "GET, PUT, POST, PATCH, DELETE")
        self.set_header("Access-Control-Allow-Headers", "authorization, content-type")
        self.set_status(204)
        self.finish()

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
        if not self._is_complete and not self._gone.is_set():
            raise RuntimeError("the application ended before its response did")

    async def _send(self, message: Message) -> None:
        if self._gone.is_set():
            raise OSError("the client is gone")
        if message["type"] == "http.response.start":
            self.set_status(message["status"])
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", [])]
            for name, _ in headers:
                self.clear_header(name)  # Jupyter's own: the application knows better
            for name, value in headers:
                self.add_header(name, value)
        else:
            self.write(message.get("body", b""))
            self._is_complete = not message.get("more_body")
            if not self._is_complete:
                await self.flush()

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        if self._headers_written:
            self.detach().close()  # half a response must not look whole
        else:
            super().send_error(status_code, **kwargs)

    def on_connection_close(self) -> None:
        self._gone.set()
        super().on_connection_close()

    # The gate has decided; the mark tells Jupyter's own check of handlers so.
    get = put = post = delete = patch = web.authenticated(_serve)
