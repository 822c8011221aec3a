"""A client that takes a document and reads nothing of it, in as little time as can be."""

from __future__ import annotations

import asyncio
import base64
import os
from urllib.parse import urlsplit

from benchmarks.client import TIMEOUT
from benchmarks.dialects import YWebsocket
from benchmarks.servers.base import Room

CHUNK = 512 * 1024  # bytes read at once

_chunk = memoryview(bytearray(CHUNK))  # of all connections: it is emptied in the call that fills it


class Newcomer(asyncio.BufferedProtocol):
    """Connects, and asks for the document. It may come in several messages, the answer to a step 1 the last.

    Most newcomers get the same bytes. What comes is compared with what others got (`known`), and not kept again:
    to make room for 30 times 10 MB took longer than to read them from the sockets, and longer than to send them.
    """

    def __init__(self, room: Room, known: list[bytes]) -> None:
        self.frames: list[bytes] = []
        self.synced = asyncio.Event()
        self._room = room
        self._known = known
        self._transport: asyncio.Transport | None = None
        self._is_upgraded = False
        self._head = bytearray()  # of a frame, or of the answer to the upgrade, until it is there
        self._left = 0  # bytes of the frame that are still to come
        self._is_last = True  # whether the message ends with this frame
        self._message = _Message(known)

    async def open(self) -> None:
        """Connect, and wait until the document has come. TimeoutError if it does not."""
        url = urlsplit(self._room.url)
        assert url.hostname and url.port
        await asyncio.get_running_loop().create_connection(lambda: self, url.hostname, url.port)
        key = base64.b64encode(os.urandom(16)).decode()
        target = f"{url.path}?{url.query}" if url.query else url.path
        lines = [f"GET {target} HTTP/1.1", f"Host: {url.netloc}", "Connection: Upgrade", "Upgrade: websocket"]
        self._write("\r\n".join([*lines, "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "\r\n"]).encode())
        await asyncio.wait_for(self.synced.wait(), TIMEOUT)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return _chunk

    def buffer_updated(self, nbytes: int) -> None:
        at = 0
        while at < nbytes:
            if self._left:
                size = min(self._left, nbytes - at)
                self._message.add(_chunk[at : at + size])
                self._left -= size
                at += size
                if not self._left and self._is_last:
                    self._take(self._message.end())
            else:
                self._head.append(_chunk[at])
                at += 1
                self._begin()

    def _begin(self) -> None:
        """Begin with a frame, or with the first one, if its head is there."""
        head = self._head
        if not self._is_upgraded:
            if head.endswith(b"\r\n\r\n"):
                assert head.startswith(b"HTTP/1.1 101"), head
                self._is_upgraded = True
                head.clear()
                for frame in self._room.dialect.hello:
                    self._send(frame)
            return
        if len(head) < 2:
            return
        extended = {126: 2, 127: 8}.get(head[1], 0)
        if len(head) == 2 + extended:
            self._left = int.from_bytes(head[2:], "big") if extended else head[1]
            self._is_last = bool(head[0] & 0x80)
            head.clear()

    def _take(self, message: bytes) -> None:
        dialect: YWebsocket = self._room.dialect
        if message.startswith(dialect.asks):
            self._send(dialect.answer())
        elif message.startswith(dialect.sync) and not self.synced.is_set():
            self.frames.append(message)
            if dialect.is_whole(message):
                self.synced.set()

    def _send(self, message: bytes) -> None:
        """Send a message of less than 126 bytes, masked with nothing."""
        self._write(bytes([0x82, 0x80 | len(message), 0, 0, 0, 0]) + message)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)


class _Message:
    """A message that comes in pieces, kept only if it is not known."""

    def __init__(self, known: list[bytes]) -> None:
        self._known = known
        self._size = 0
        self._same: bytes | None = None  # as far as it has come
        self._parts: list[bytes] = []

    def add(self, piece: memoryview) -> None:
        data = bytes(piece)
        if not self._size:
            self._same = self._like(data)
        elif self._same is not None and not self._same.startswith(data, self._size):
            self._parts = [self._same[: self._size]]
            self._same = self._like(self._parts[0] + data)
        if self._same is None:
            self._parts.append(data)
        self._size += len(data)

    def end(self) -> bytes:
        """The message; the next piece begins another."""
        if self._same is not None and len(self._same) == self._size:
            message = self._same
        else:
            message = b"".join(self._parts) if self._same is None else self._same[: self._size]
            self._known.append(message)
        self._size, self._same, self._parts = 0, None, []
        return message

    def _like(self, beginning: bytes) -> bytes | None:
        return next((known for known in self._known if known.startswith(beginning)), None)
