"""A client that speaks the wire with a real CRDT: what a browser does, without the browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import pycrdt
import websockets
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from jupyter_live import protocol
from jupyter_live.protocol import AwarenessEntry, Kind
from jupyter_live.testing.content import Content
from jupyter_live.testing.holding import Holding, Kept
from jupyter_live.testing.server import LiveServer

Client = TypeVar("Client", bound="LiveClient")

TIMEOUT = 20.0  # seconds until `until` gives up: generous, machines are slow
PAY_AGAIN = 1.0  # seconds
HISTORIES = 5  # that a document may go through during one `connect`
REMOTE = "server"  # the origin of what others did: an undo manager leaves it alone


class LiveClient(Content):
    """One member on one document of a `LiveServer`.

    Local changes to `doc` are sent while connected; after a reconnect the sync steps send what was changed offline.
    A `live` one holds what the file may not have, and hands it in where plain sync cannot go on: to a server of another
    history (`doc` is another one then), and when a cell in which it has unconfirmed changes was deleted or moved.
    """

    def __init__(
        self,
        server: LiveServer,
        path: str,
        doc_format: str = "json",
        doc_type: str = "notebook",
        *,
        live: bool = True,
        kept: Iterable[Kept] = (),
    ) -> None:
        self.server = server
        self.path = path
        self.format = doc_format
        self.type = doc_type
        self.live = live
        self.notices: list[dict[str, Any]] = []
        self.awareness: dict[int, dict[str, Any] | None] = {}
        self.closed: tuple[int, str] | None = None
        self.sent = 0
        self.is_synced = False
        self.session: dict[str, Any] = {}
        self.owed = list(kept)
        """What is still to be handed in before anything else: of closed tabs, and of cells that were moved."""
        self.conflicts: list[dict[str, Any]] = []
        """Every conflict that the server has told of."""
        self.handed_in: list[tuple[int, dict[str, Any]]] = []
        """The status and the answer of every hand-in."""
        self._paying = asyncio.Lock()
        self._token: str | None = None
        self._clock = 0
        self._incoming = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: websockets.ClientConnection | None = None
        self._begin()

    def _begin(self) -> None:
        """Start with an empty document."""
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.holding = Holding()
        self.edits = 0
        self._lost_cells = False
        self._subscriptions = [self.doc.observe(self._on_change), self.cells.observe(self._on_cells)]

    async def open(self, *, token: str | None = None, headers: dict[str, str] | None = None) -> LiveClient:
        """Hand in what was kept, ask for the session, connect, and sync."""
        self._token = token
        await self._pay()
        status, session = await asyncio.to_thread(self.server.session, self.path, self.format, self.type)
        assert status in (200, 201), session
        self.session = session
        return await self.connect(token=token, headers=headers)

    async def connect(self, *, token: str | None = None, headers: dict[str, str] | None = None) -> LiveClient:
        """(Re)connect with the session of the last `open`, and wait until synced or closed.

        A live client whom the server refuses because of its history hands that in, and goes on with the one of now.
        """
        self._token = token
        await self._pay()
        await self._dial(headers)
        for _ in range(HISTORIES):
            if not self.live or self.closed is None or self.closed[0] != 1003 or not await self.hand_in():
                break
            await self._dial(headers)
        if self.owed:
            self._spawn(self._pay_if_possible())
        return self

    async def hand_in(self) -> bool:
        """Hand in what is held, and follow to the document's history. False when the server refuses it."""
        base = self.holding.base
        while True:
            edits, kept = self.edits, self._hold(base)
            status, answer = await self._put(kept)
            if status != 200:
                return False
            if answer["sessionId"] == kept.epoch:
                return True
            if edits == self.edits:
                break
            base = kept.mine  # the server has that: now what was done meanwhile
        self.session["sessionId"] = answer["sessionId"]
        self._begin()
        return True

    async def close_tab(self) -> list[Kept]:
        """Lose the connection and the page; returns what the browser keeps: nothing, if all is confirmed."""
        kept = [*self.owed]
        if self._is_unconfirmed:
            kept.append(self._hold(self.holding.base))
        if self._socket is not None and self.closed is None:
            await self.cut()
        return kept

    async def _dial(self, headers: dict[str, str] | None) -> None:
        url, subprotocols = self._address()
        self.is_synced, self.sent = False, 0
        self.notices.clear()  # acknowledgements are counted by socket
        self.holding.connected()
        self._socket = await websockets.connect(
            url, max_size=None, compression=None, additional_headers=headers, subprotocols=subprotocols
        )
        self.closed = None  # not before: where there is no server, the old socket stays closed
        self._spawn(self._receive(self._socket))
        await _send_or_lose(self._socket, protocol.step1(self.doc.get_state()))
        await self.until(lambda: self.is_synced or self.closed is not None)

    def _address(self) -> tuple[str, list[Subprotocol] | None]:
        """Where to connect, and what to offer."""
        live = "&live=1" if self.live else ""
        url = self.server.url.replace("http", "ws", 1) + f"api/collaboration/room/{self.room}"
        return f"{url}?sessionId={self.session['sessionId']}&token={self._token or self.server.token}{live}", None

    @property
    def room(self) -> str:
        return f"{self.format}:{self.type}:{self.session['fileId']}"

    def _hold(self, base: bytes) -> Kept:
        return Kept(self.room, self.path, self.session["sessionId"], base, self.holding.mine)

    def _hold_on_top(self) -> Kept:
        """For a server that has what came from it, and what it has told as logged."""
        return replace(self._hold(self.holding.base), logged=self.holding.confirmed(self._logged))

    async def _pay(self) -> None:
        """Hand in what is owed; what the server refuses stays."""
        async with self._paying:  # as in a browser, where one at a time claims what is kept
            for kept in list(self.owed):
                status, _ = await self._put(kept)
                if status == 200:
                    self.owed.remove(kept)

    async def _pay_if_possible(self) -> None:
        """The server's trouble may pass, and it may be away while a relay is there; else it is paid when it is back."""
        while True:
            try:
                await self._pay()
                is_in_trouble = bool(self.owed) and self.handed_in[-1][0] >= 500
            except OSError:
                is_in_trouble = True
            if not is_in_trouble or self.closed is not None:
                return
            await asyncio.sleep(PAY_AGAIN)

    async def _put(self, kept: Kept) -> tuple[int, dict[str, Any]]:
        self.handed_in.append(await asyncio.to_thread(self.server.hand_in, kept, token=self._token))
        self.conflicts += self.handed_in[-1][1].get("conflicts", [])
        return self.handed_in[-1]

    async def cut(self) -> None:
        """Lose the connection without a word, as a network does."""
        assert self._socket is not None
        self._socket.transport.resume_reading()  # who reads nothing does not hear of the end either
        self._socket.transport.abort()
        await self.until(lambda: self.closed is not None)

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._tasks:
            done, late = await asyncio.wait(self._tasks, timeout=TIMEOUT)
            for task in late:  # of an earlier socket that nobody reads any more, and that does not hear of its end
                task.cancel()
            await asyncio.gather(*done)  # raises what went wrong in them

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
        """Ask for a save and wait for the answer. ConnectionError where the socket is closed before it comes."""
        await asyncio.sleep(0)  # changes just made are sent by tasks: they go first
        await self.send(b"\x02\x04save" + protocol.write_varuint(number))
        await self.until(lambda: self.answer(number) is not None or self.closed is not None)
        answer = self.answer(number)
        if answer is None:
            raise ConnectionError(f"closed: {self.closed}")
        return answer

    def answer(self, number: int) -> dict[str, Any] | None:
        return next((notice for notice in self.notices if notice.get("responseTo") == number), None)

    def latest(self, kind: str) -> dict[str, Any]:
        """The newest notice of a type, or an empty one."""
        return next((notice for notice in reversed(self.notices) if notice["type"] == kind), {})

    @property
    def is_saved(self) -> bool:
        """Whether the server says that the file on disk has all that this socket sent."""
        return self.is_synced and self.latest("ack").get("saved") == self.sent and not self.owed

    @property
    def is_logged(self) -> bool:
        return self.is_synced and self.latest("ack").get("logged") == self.sent and not self.owed

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for something to become true; fails with the state of this client if it never does."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"never came: closed={self.closed} sent={self.sent} notices={self.notices[-5:]}")
            await asyncio.sleep(0.01)

    def stop_reading(self) -> None:
        """Be a slow reader: take nothing more from the socket, until `read_on`."""
        assert self._socket is not None
        self._socket.transport.pause_reading()

    def read_on(self) -> None:
        assert self._socket is not None
        self._socket.transport.resume_reading()

    # wire

    def _on_change(self, event: pycrdt.TransactionEvent) -> None:
        if self._incoming:
            return
        self.edits += 1
        if self.sent and self.closed is None:  # else the answer to the server's step 1 will have it
            self._send_update(protocol.update(event.update))
            self.holding.did(event.update, self.sent)
        else:
            self.holding.did(event.update)

    def _on_cells(self, event: Any) -> None:
        self._lost_cells = self._lost_cells or any("delete" in part for part in event.delta)

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
            self.notices.append(json.loads(data[at : at + length]))
            self.conflicts += self.notices[-1].get("conflicts", [])
            return self.holding.marker(self.notices[-1])
        frame = protocol.read(data)
        if frame.kind is Kind.STEP1:
            self._send_update(protocol.step2(self.doc.get_update(frame.payload)))
            self.holding.answered(self.sent)
        elif frame.kind is Kind.AWARENESS:
            for entry in protocol.read_awareness(frame.payload):
                self.awareness[entry.client] = json.loads(entry.state)
        else:
            self._apply(frame.payload)
            self.is_synced = self.is_synced or frame.kind is Kind.STEP2

    def _apply(self, update: bytes) -> None:
        """Take a change from the server; own unconfirmed changes in a cell that it deletes are handed in."""
        # Of a history that goes on, only what the server has not got may be new to it.
        mine = self._hold_on_top() if self._is_unconfirmed else None
        self._incoming, self._lost_cells = True, False
        try:
            with self.doc.transaction(origin=REMOTE):
                self.doc.apply_update(update)
        finally:
            self._incoming = False
        self.holding.came(update)
        if mine and self._lost_cells:
            self.owed.append(mine)
            self._spawn(self._pay_if_possible())

    @property
    def _is_unconfirmed(self) -> bool:
        return self.live and self.holding.unconfirmed(self._logged)

    @property
    def _logged(self) -> int:
        """Own frames on this socket that the server has logged."""
        logged: int = self.latest("ack").get("logged", 0)
        return logged

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _send_or_lose(socket: websockets.ClientConnection, frame: bytes) -> None:
    try:
        await socket.send(frame)
    except ConnectionClosed:
        pass  # it is still in the document, and goes with the next sync
