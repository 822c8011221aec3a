"""A client that speaks the wire with a real CRDT: what a browser does, without the browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar

import pycrdt
import websockets
from websockets.exceptions import ConnectionClosed

from jupyter_live import protocol
from jupyter_live.protocol import AwarenessEntry, Kind
from jupyter_live.testing.server import LiveServer

Client = TypeVar("Client", bound="LiveClient")

TIMEOUT = 20.0  # seconds until `until` gives up: generous, machines are slow


class LiveClient:
    """One member on one document of a `LiveServer`.

    Local changes to `doc` are sent while connected; after a reconnect the sync steps send what was changed offline.
    """

    def __init__(
        self, server: LiveServer, path: str, doc_format: str = "json", doc_type: str = "notebook", *, live: bool = True
    ) -> None:
        self.server = server
        self.path = path
        self.format = doc_format
        self.type = doc_type
        self.live = live
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.notices: list[dict[str, Any]] = []
        self.awareness: dict[int, dict[str, Any] | None] = {}
        self.closed: tuple[int, str] | None = None
        self.sent = 0
        self.is_synced = False
        self.session: dict[str, str] = {}
        self._clock = 0
        self._incoming = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscription = self.doc.observe(self._on_change)
        self._socket: websockets.ClientConnection | None = None

    async def open(self, *, token: str | None = None, headers: dict[str, str] | None = None) -> LiveClient:
        """Ask for the session, connect, and sync."""
        status, self.session = await asyncio.to_thread(self.server.session, self.path, self.format, self.type)
        assert status in (200, 201), self.session
        return await self.connect(token=token, headers=headers)

    async def connect(self, *, token: str | None = None, headers: dict[str, str] | None = None) -> LiveClient:
        """(Re)connect with the session of the last `open`, and wait until synced or closed."""
        name = f"{self.format}:{self.type}:{self.session['fileId']}"
        live = "&live=1" if self.live else ""
        url = self.server.url.replace("http", "ws", 1) + f"api/collaboration/room/{name}"
        url += f"?sessionId={self.session['sessionId']}&token={token or self.server.token}{live}"
        self.closed, self.is_synced, self.sent = None, False, 0
        self.notices.clear()  # acknowledgements are counted by socket
        self._socket = await websockets.connect(url, max_size=None, compression=None, additional_headers=headers)
        self._spawn(self._receive(self._socket))
        await _send_or_lose(self._socket, protocol.step1(self.doc.get_state()))
        await self.until(lambda: self.is_synced or self.closed is not None)
        return self

    async def cut(self) -> None:
        """Lose the connection without a word, as a network does."""
        assert self._socket is not None
        self._socket.transport.abort()
        await self.until(lambda: self.closed is not None)

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        await asyncio.gather(*self._tasks)

    async def __aenter__(self: Client) -> Client:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def send(self, frame: bytes | str) -> None:
        """Send a raw frame, well-formed or not."""
        assert self._socket is not None
        await self._socket.send(frame)

    async def show(self, **state: Any) -> None:
        """Show presence."""
        self._clock += 1
        entry = AwarenessEntry(self.doc.client_id, self._clock, json.dumps(state))
        await self.send(protocol.awareness(protocol.write_awareness([entry])))

    async def save(self, number: int = 1) -> dict[str, Any]:
        """Ask for a save and wait for the answer."""
        await asyncio.sleep(0)  # changes just made are sent by tasks: they go first
        await self.send(b"\x02\x04save" + protocol.write_varuint(number))
        await self.until(lambda: self.answer(number) is not None)
        answer = self.answer(number)
        assert answer is not None
        return answer

    def answer(self, number: int) -> dict[str, Any] | None:
        return next((notice for notice in self.notices if notice.get("responseTo") == number), None)

    def latest(self, kind: str) -> dict[str, Any]:
        """The newest notice of a type, or an empty one."""
        return next((notice for notice in reversed(self.notices) if notice["type"] == kind), {})

    @property
    def is_saved(self) -> bool:
        """Whether the server says that the file on disk has all that this socket sent."""
        return self.is_synced and self.latest("ack").get("saved") == self.sent

    @property
    def is_logged(self) -> bool:
        return self.is_synced and self.latest("ack").get("logged") == self.sent

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for something to become true; fails with the state of this client if it never does."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"never came: closed={self.closed} sent={self.sent} notices={self.notices[-5:]}")
            await asyncio.sleep(0.01)

    # content

    @property
    def text(self) -> pycrdt.Text:
        """The source of a text file."""
        text: pycrdt.Text = self.doc.get("source", type=pycrdt.Text)
        return text

    @property
    def cells(self) -> pycrdt.Array[Any]:
        cells: pycrdt.Array[Any] = self.doc.get("cells", type=pycrdt.Array)
        return cells

    @property
    def sources(self) -> list[str]:
        return [str(cell["source"]) for cell in self.cells]

    @property
    def state(self) -> dict[str, Any]:
        """The document's `state` map: path, hash, dirty."""
        state: dict[str, Any] = self.doc.get("state", type=pycrdt.Map).to_py() or {}
        return state

    def add_cell(self, index: int, source: str, cell_id: str) -> None:
        cell: dict[str, Any] = {"id": cell_id, "cell_type": "code", "metadata": {}, "execution_count": None}
        self.cells.insert(index, pycrdt.Map({**cell, "source": pycrdt.Text(source), "outputs": pycrdt.Array()}))

    # wire

    def _on_change(self, event: pycrdt.TransactionEvent) -> None:
        if not self._incoming and self.is_synced and self.closed is None:
            self._send_update(protocol.update(event.update))

    def _send_update(self, frame: bytes) -> None:
        self.sent += 1
        assert self._socket is not None
        self._spawn(_send_or_lose(self._socket, frame))

    async def _receive(self, socket: websockets.ClientConnection) -> None:
        try:
            async for data in socket:
                assert isinstance(data, bytes)
                self._take(data)
        except ConnectionClosed:
            pass
        self.closed = socket.close_code or 1006, socket.close_reason or ""

    def _take(self, data: bytes) -> None:
        if data[0] == protocol.RAW:
            length, at = protocol.read_varuint(data, 1)
            return self.notices.append(json.loads(data[at : at + length]))
        frame = protocol.read(data)
        if frame.kind is Kind.STEP1:
            self._send_update(protocol.step2(self.doc.get_update(frame.payload)))
        elif frame.kind is Kind.AWARENESS:
            for entry in protocol.read_awareness(frame.payload):
                self.awareness[entry.client] = json.loads(entry.state)
        else:
            self._incoming = True
            try:
                self.doc.apply_update(frame.payload)
            finally:
                self._incoming = False
            self.is_synced = self.is_synced or frame.kind is Kind.STEP2

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _send_or_lose(socket: websockets.ClientConnection, frame: bytes) -> None:
    try:
        await socket.send(frame)
    except ConnectionClosed:
        pass  # it is still in the document, and goes with the next sync
