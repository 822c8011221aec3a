"""A cheap client: it sends bytes made by hand, and reads of an update only which clocks it brings."""

from __future__ import annotations

import asyncio
from typing import Any

import picows
import pycrdt
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from benchmarks.board import Board
from benchmarks.servers.base import Room
from benchmarks.structs import Range, ranges
from benchmarks.updates import ROOT

LARGEST_FRAME = 1 << 30
TIMEOUT = 60.0  # seconds until a client is synced, generous: machines are slow
PARSED_LIMIT = 200  # frames whose ranges are remembered: most go to all clients in the same bytes

_parsed: dict[bytes, list[Range]] = {}


class Client(WSListener):  # type: ignore[misc]
    """One connection to a room. `seen` says whose edits are looked for; see `Board.new_reader`."""

    def __init__(self, room: Room, board: Board | None = None, seen: dict[int, int] | None = None) -> None:
        self.dialect = room.dialect
        self.room = room
        self.board = board
        self.seen = seen or {}
        self.synced = asyncio.Event()
        self.closed = asyncio.Event()
        self.bytes = 0
        """Bytes of all messages that came."""
        self._sync = room.dialect.sync
        self._parts = b""
        self._transport: WSTransport | None = None

    async def open(self) -> Client:
        """Connect, and wait until the document has come. TimeoutError if it does not."""
        options: dict[str, Any] = {"max_frame_size": LARGEST_FRAME, "websocket_handshake_timeout": TIMEOUT}
        await picows.ws_connect(lambda: self, self.room.url, **options)
        await asyncio.wait_for(self.synced.wait(), TIMEOUT)
        return self

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect()
        await asyncio.wait_for(self.closed.wait(), TIMEOUT)

    def send(self, frame: bytes) -> None:
        assert self._transport is not None
        self._transport.send(WSMsgType.BINARY, frame)

    def type(self, client: int) -> None:
        """Send the next character of one of the board's typists."""
        assert self.board is not None
        self.send(self.dialect.update(self.board.type(client)))

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        for frame in self.dialect.hello:
            self.send(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type not in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            return
        data = frame.get_payload_as_bytes()
        self.bytes += len(data)
        if not frame.fin or self._parts:
            self._parts += data
            if not frame.fin:
                return
            data, self._parts = self._parts, b""
        if data.startswith(self.dialect.asks):
            self.send(self.dialect.answer())
        elif data.startswith(self._sync):
            self.take(data)
        else:
            self.other(data)

    def take(self, frame: bytes) -> None:
        """A change has come, or the whole document."""
        found = _parsed.get(frame)
        if found is None:
            is_whole, update = self.dialect.changes(frame)
            found = ranges(update)
            if is_whole:
                self.synced.set()
            else:
                if len(_parsed) > PARSED_LIMIT:
                    _parsed.clear()
                _parsed[frame] = found
        if self.board is not None:
            self.board.receive(self.seen, found)

    def other(self, frame: bytes) -> None:
        """Anything else has come: presence, notices."""


class Joiner(Client):
    """A client that keeps what comes, to tell which text a newcomer sees."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()

    def take(self, frame: bytes) -> None:
        is_whole, update = self.dialect.changes(frame)
        self.doc.apply_update(update)
        if is_whole:
            self.synced.set()

    @property
    def text(self) -> str:
        return str(self.doc.get(ROOT, type=pycrdt.Text))


async def read_text(room: Room) -> str:
    """The text of a document, as a newcomer gets it."""
    joiner = Joiner(room)
    await joiner.open()
    text = joiner.text
    await joiner.close()
    return text
