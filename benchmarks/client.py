"""A cheap client: it sends bytes made by hand, and reads of what comes only which clocks it brings."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import picows
import pycrdt
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from benchmarks.board import Board
from benchmarks.servers.base import Room
from benchmarks.structs import Range, ranges, states
from benchmarks.updates import ROOT

LARGEST_FRAME = 1 << 30
TIMEOUT = 60.0  # seconds until a client is synced, generous: machines are slow
PARSED_LIMIT = 500  # frames whose ranges are remembered: most go to all clients in the same bytes

_parsed: dict[bytes, list[Range]] = {}


class Author(Protocol):
    """Somebody with something to send; see `updates.Typist`."""

    client: int

    def type(self) -> tuple[bytes, int]:
        """The next update, and for how many clocks it stands."""


class Client(WSListener):
    """One connection to a room. `board` is told what comes for it, of everybody but `me`; `cursors` of presence."""

    def __init__(self, room: Room, board: Board | None = None, me: int | None = None) -> None:
        self.dialect = room.dialect
        self.room = room
        self.synced = asyncio.Event()
        self.closed = asyncio.Event()
        self.bytes = 0
        """Bytes of all messages that came."""
        self.cursors: Board | None = None
        self._cursors_seen: dict[int, int] = {}
        self._sync = room.dialect.sync
        self._parts: list[bytes] = []
        self._transport: WSTransport | None = None
        self.watch(board, me)

    def watch(self, board: Board | None, me: int | None = None) -> None:
        """From now on tell this board of edits."""
        self.board = board
        self.seen = board.new_reader(me) if board is not None else {}

    def watch_cursors(self, cursors: Board, me: int | None = None) -> None:
        """From now on tell this board of presence."""
        self.cursors = cursors
        self._cursors_seen = cursors.new_reader(me)

    async def open(self) -> Client:
        """Connect, and wait until the document has come. TimeoutError if it does not."""
        options: dict[str, Any] = {"max_frame_size": LARGEST_FRAME, "websocket_handshake_timeout": TIMEOUT}
        await picows.ws_connect(lambda: self, self.room.url, extra_headers=self.room.headers, **options)
        await asyncio.wait_for(self.synced.wait(), TIMEOUT)
        return self

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect()
            await asyncio.wait_for(self.closed.wait(), TIMEOUT)

    def stop_reading(self) -> None:
        """Take nothing more from the socket, until `read_on`."""
        assert self._transport is not None
        self._transport.underlying_transport.pause_reading()

    def read_on(self) -> None:
        assert self._transport is not None
        self._transport.underlying_transport.resume_reading()

    def send(self, frame: bytes) -> None:
        assert self._transport is not None
        self._transport.send(WSMsgType.BINARY, frame)

    def type(self, author: Author) -> None:
        """Send the next edit of somebody on the board."""
        assert self.board is not None
        update, clocks = author.type()
        self.board.mark(author.client, clocks)
        self.send(self.dialect.update(update))

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
            self._parts.append(data)
            if not frame.fin:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        if data.startswith(self.dialect.asks):
            self.send(self.dialect.answer())
        elif data.startswith(self._sync):
            self.take(data)
        elif self.cursors is not None and data.startswith(self.dialect.awareness):
            found = _parsed.get(data)
            if found is None:
                found = _remember(data, states(self.dialect.presence(data)))
            self.cursors.receive(self._cursors_seen, found)

    def take(self, frame: bytes) -> None:
        """A change has come, or the whole document."""
        found = _parsed.get(frame)
        if found is None:
            is_whole, update = self.dialect.changes(frame)
            found = ranges(update)
            if is_whole:
                self.synced.set()
            else:
                _remember(frame, found)
        if self.board is not None:
            self.board.receive(self.seen, found)


class Joiner(Client):
    """A client that keeps what comes, to tell what a newcomer sees."""

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


def _remember(frame: bytes, found: list[Range]) -> list[Range]:
    if len(_parsed) > PARSED_LIMIT:
        _parsed.clear()
    _parsed[frame] = found
    return found
