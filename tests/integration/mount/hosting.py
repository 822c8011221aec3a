"""A real Jupyter server in this process, with an ASGI application of the test's own under the mount."""

from __future__ import annotations

import asyncio
import socket
import struct
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config

from jupyter_live.mount import Application, Limits, handlers
from jupyter_live.push import PUSH

PREFIX = "/api/collaboration"
TOKEN = "secret"
LIMITS = Limits(max_message_size=2**20, inbox_limit=2**16, ping_interval=0)


class QuietServer(ServerApp):
    """Leaves the signals of the test run alone."""

    def init_signal(self) -> None:
        pass


def pulling(take: Callable[[bytes], bool], gone: asyncio.Event) -> Application:
    """An application that only takes messages as they come; `gone` is set when its client is."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][PUSH]["pull"](take)
        assert (await receive())["type"] == "websocket.disconnect"
        gone.set()

    return app


@dataclass(frozen=True, slots=True)
class Host:
    """Where a mounted application is to be found."""

    port: int
    base_url: str

    def path(self, path: str) -> str:
        return url_path_join(self.base_url, PREFIX, path)

    def ws(self, path: str = "room/x", query: str = f"?token={TOKEN}") -> str:
        return f"ws://127.0.0.1:{self.port}{self.path(path)}{query}"

    def request(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> HTTPConnection:
        """Send a request and leave the response to be read."""
        data = None if body is None else body.encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, self.path(path), data, {"Authorization": f"token {TOKEN}", **(headers or {})})
        return connection

    async def fetch(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, list[str]], bytes]:
        """Status, headers and body of a request."""

        def work() -> tuple[int, dict[str, list[str]], bytes]:
            connection = self.request(method, path, body, headers)
            response = connection.getresponse()
            found = {name.lower(): response.headers.get_all(name, []) for name in response.headers}
            data = response.read()
            connection.close()
            return response.status, found, data

        return await asyncio.to_thread(work)

    async def raw_socket(self, *, receive_buffer: int = 0) -> RawSocket:
        """An upgraded WebSocket whose bytes the test reads and writes itself."""
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=2**16)
        key = b64encode(b"sixteen bytes!!!").decode()
        lines = [
            f"GET {self.path('room/x')}?token={TOKEN} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return RawSocket(reader, writer)


@dataclass(frozen=True, slots=True)
class RawSocket:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, first_byte: int, payload: bytes) -> None:
        """Send a frame of less than 126 bytes, masked with zeros; `first_byte` holds FIN, RSV and the opcode."""
        self.writer.write(bytes([first_byte, 0x80 | len(payload)]) + bytes(4) + payload)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame from the server: opcode and payload. Raises IncompleteReadError at the end."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def close(self) -> None:
        self.writer.close()


class Hosting:
    """Starts servers for one test, below its own folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @asynccontextmanager
    async def __call__(
        self,
        application: Application,
        *,
        limits: Limits = LIMITS,
        base_url: str = "/user/me/",
        **options: Any,
    ) -> AsyncIterator[Host]:
        config = Config()
        config.IdentityProvider.token = TOKEN
        config.ServerApp.update(
            {
                "allow_root": True,
                "open_browser": False,
                "root_dir": str(self._home),
                "base_url": base_url,
                **options,
            }
        )
        QuietServer.clear_instance()
        server = QuietServer.instance(config=config)
        server.initialize(argv=[], find_extensions=False, new_httpserver=False)
        mounted = handlers(PREFIX, application, limits)
        routes = [(url_path_join(server.base_url, path), handler, opts) for path, handler, opts in mounted]
        server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]
        http_server = HTTPServer(server.web_app)
        sockets = bind_sockets(0, "127.0.0.1")
        http_server.add_sockets(sockets)
        try:
            yield Host(sockets[0].getsockname()[1], base_url)
        finally:
            http_server.stop()
            await http_server.close_all_connections()
            await server._cleanup()
            QuietServer.clear_instance()


async def standstill(count: Any, seconds: float = 0.5) -> int:
    """Wait until `count()` has not changed for a while; returns it."""
    last, since = count(), asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - since < seconds:
        await asyncio.sleep(0.05)
        if count() != last:
            last, since = count(), asyncio.get_running_loop().time()
    return int(last)
