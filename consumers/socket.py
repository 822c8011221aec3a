"""What document and awareness sockets have in common: accept, outbox, errors that close."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.exceptions import StopConsumer

from jupyter_live import protocol
from jupyter_live.access import role_of
from jupyter_live.asgitypes import Message, Receive, Send
from jupyter_live.consumers.base import LiveConsumer
from jupyter_live.errors import LiveError
from jupyter_live.ids import GLOBAL_AWARENESS
from jupyter_live.member import Member
from jupyter_live.outbox import Outbox, no_push
from jupyter_live.protocol import Frame, Kind
from jupyter_live.push import PUSH
from jupyter_live.records import Connection
from jupyter_live.rooms import Rooms

log = logging.getLogger(__name__)


class SocketConsumer(LiveConsumer):
    """One socket, one member. Subclasses enter a room and take frames.

    The scope must hold what the mount has checked: `user` (an Identity) and `permissions`.
    """

    handlers = {
        "websocket.connect": "connect",
        "websocket.receive": "receive",
        "websocket.disconnect": "disconnect",
    }
    frames: dict[Kind, str] = {}
    """Frame kind -> name of the method that takes it."""

    def __init__(self, rooms: Rooms, outbox_limit: int) -> None:
        self.rooms = rooms
        self._outbox_limit = outbox_limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        document = scope["url_route"]["kwargs"].get("room", GLOBAL_AWARENESS)
        mine = asyncio.current_task()
        self._connection = Connection(document, lambda task: task is mine or task in self._tasks)
        with self._connection.inherited():
            try:
                await super().__call__(scope, receive, send)
            finally:
                self._connection.end()

    def jobs(self) -> list[Any]:
        self.query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self._direct = self.scope.get("extensions", {}).get(PUSH, {})
        self.member = Member(
            self.scope["user"],
            role_of(self.scope["permissions"]),
            Outbox(self._outbox_limit, self._direct.get("push", no_push)),
            notices="live" in self.query,
        )
        return [self._write()]

    async def connect(self, message: Message) -> None:
        await self.send({"type": "websocket.accept"})
        try:
            await self.enter()
        except LiveError as error:
            return self.refuse(error)
        if pull := self._direct.get("pull"):
            pull(self.take)

    async def receive(self, message: Message) -> None:
        self._handle(message.get("bytes"))
        await self.member.outbox.room()

    def take(self, data: bytes) -> bool:
        """Handle a frame in the call itself; False while this member has not read its answers, and at the end."""
        if self.is_over or self.member.outbox.is_full:
            return False
        self._connection.run(self._handle_pulled, data)  # the call comes from the transport
        return True

    def _handle_pulled(self, data: bytes) -> None:
        try:
            self._handle(data)
        except Exception as error:
            log.exception("server_error: a frame of %s could not be handled", self.member.identity.username)
            self.member.close(LiveError("server_error", str(error)))

    def _handle(self, data: bytes | None) -> None:
        if self.member.closing:
            return  # on its way out: what still comes in was never acknowledged
        try:
            if data is None:
                raise LiveError("malformed_frame", "a text message")
            frame = protocol.read(data)
            name = self.frames.get(frame.kind)
            if name is None:
                raise LiveError("unknown_message", frame.kind.name)
            getattr(self, name)(frame)
        except LiveError as error:
            self.refuse(error)

    async def disconnect(self, message: Message) -> None:
        raise StopConsumer

    async def enter(self) -> None:
        """Join the room. LiveErrors close the socket."""
        raise NotImplementedError

    def drained(self) -> None:
        """Everything queued has been sent."""

    def refuse(self, error: LiveError) -> None:
        log.warning("closing the socket of %s: %s", self.member.identity.username, error)
        self.member.close(error)

    def ignore(self, frame: Frame) -> None:
        """A frame that needs no answer."""

    async def _write(self) -> None:
        """Send what the outbox holds; close when the member is to be closed."""
        outbox = self.member.outbox
        while True:
            await outbox.wait()
            while (frame := outbox.pop()) is not None:
                await self.send({"type": "websocket.send", "bytes": frame})
            if error := self.member.closing:
                await self.send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})
                raise StopConsumer
            self.drained()
