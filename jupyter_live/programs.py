"""What programs of this process, such as other extensions of Jupyter, have of the documents that people edit."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakSet, WeakValueDictionary

import pycrdt
from jupyter_ydoc.ybasedoc import YBaseDoc

from jupyter_live import protocol
from jupyter_live.access import Role
from jupyter_live.direct import PROGRAM, REMOTE, DirectConnection
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, DocumentName
from jupyter_live.listening import Happening, What
from jupyter_live.lobby import Lobby
from jupyter_live.member import Member
from jupyter_live.newdoc import new_doc
from jupyter_live.outbox import Outbox
from jupyter_live.protocol import Kind
from jupyter_live.rooms import Rooms

log = logging.getLogger(__name__)


class Programs:
    """One connection a document, shared by all programs, as long as the room is open or somebody has its model."""

    def __init__(self, rooms: Rooms, outbox_limit: int) -> None:
        self._rooms = rooms
        self._outbox_limit = outbox_limit
        self._connections: WeakValueDictionary[DocumentId, DirectConnection] = WeakValueDictionary()
        self._all: WeakSet[DirectConnection] = WeakSet()  # also those to histories that are no more
        self._everyone: Everyone | None = None
        rooms.listeners.append(self._happened)

    def is_open(self, name: DocumentName) -> bool:
        return self._rooms.get(name.id) is not None

    async def connect(self, name: DocumentName) -> DirectConnection:
        """The document, opened if need be. Raises LiveError when it cannot be opened."""
        while True:
            connection = self._connections.get(name.id)
            if connection is None:
                connection = self._connections[name.id] = self._connection(name)
            if await connection.enters():
                return connection
            if self._connections.get(name.id) is connection:  # else somebody has made the next one meanwhile
                del self._connections[name.id]

    async def copy(self, name: DocumentName) -> YBaseDoc:
        """The document as it is now, nobody else's. Raises LiveError when it cannot be opened."""
        connection = self._connection(name)
        await connection.enter()
        await connection.close()
        return connection.model

    def everyone(self) -> pycrdt.Awareness:
        """Who is on this server, and what programs tell of themselves."""
        if self._everyone is None:
            self._everyone = Everyone(self._rooms.lobby, self._outbox_limit)
        return self._everyone.awareness

    async def close(self) -> None:
        """Forget all connections. The rooms are closed."""
        await asyncio.gather(*(connection.close() for connection in [*self._all]))

    def _connection(self, name: DocumentName) -> DirectConnection:
        connection = DirectConnection(self._rooms, name, self._outbox_limit)
        self._all.add(connection)
        return connection

    def _happened(self, happening: Happening) -> None:
        """Who still has the model from when the document was open last wants to see what happens to it."""
        if happening.what is What.OPENED and (connection := self._connections.get(happening.name.id)):
            connection.come_back()


class Everyone:
    """The awareness of the room in which everybody is shown, kept equal with it."""

    def __init__(self, lobby: Lobby, outbox_limit: int) -> None:
        self.awareness = pycrdt.Awareness(new_doc())
        self._presence = lobby.presence
        self._member = Member(PROGRAM, Role.WRITER, Outbox(outbox_limit, self._push), is_program=True)
        lobby.join(self._member)
        self.awareness.observe(self._on_awareness)

    def _push(self, frame: bytes) -> bool:
        told = protocol.read(frame)
        if told.kind is Kind.AWARENESS:
            try:
                self.awareness.apply_awareness_update(told.payload, REMOTE)
            except Exception:  # of a program that listens: others are told in the call that comes here
                log.exception("server_error: a program does not take who is here")
        return True

    def _on_awareness(self, topic: str, event: tuple[dict[str, list[int]], object]) -> None:
        changes, origin = event
        if topic == "update" and origin != REMOTE:
            clients = [client for kind in ("added", "updated", "removed") for client in changes[kind]]
            try:
                self._presence.update(self._member, self.awareness.encode_awareness_update(clients))
            except LiveError as error:
                log.error("what a program tells of itself was refused: %s", error)
