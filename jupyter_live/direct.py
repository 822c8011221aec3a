"""A document in the hands of a program of this process: a copy that is kept equal with its room, as a client's is."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pycrdt
from jupyter_ydoc import ydocs
from jupyter_ydoc.ybasedoc import YBaseDoc

from jupyter_live import protocol
from jupyter_live.access import Role
from jupyter_live.engine.observing import observe
from jupyter_live.errors import LiveError
from jupyter_live.handin import Held
from jupyter_live.ids import DocumentName, Epoch, Identity
from jupyter_live.member import Member
from jupyter_live.newdoc import new_doc
from jupyter_live.outbox import Outbox
from jupyter_live.protocol import Kind
from jupyter_live.room import Room
from jupyter_live.rooms import Rooms

log = logging.getLogger(__name__)

REMOTE = "jupyter-live"
"""Origin of the transactions that bring what others did, so that a program's undo leaves it alone."""

AGAIN = 1.0
"""Seconds between attempts to bring what a program did into a document that cannot be opened."""

PROGRAM = Identity("program", "Program", "Program", "P")
"""Who programs are, unless they say themselves."""

NOTHING = b"\x00\x00"


class DirectConnection:
    """`model` is a document of jupyter_ydoc. What is done to it is done to the room, and the other way round.

    A program's change is told and on its way into the log when its transaction ends. A connection keeps no room open: a
    change to the document of a room that is closed opens it again. If the document has another epoch by then, what the
    program does is merged into it from then on, as what clients hand in; `is_estranged` tells, and the model shows what
    others do no more. The copy is not the room's own replica: whatever a program does to it, the room stays sound.
    """

    def __init__(self, rooms: Rooms, name: DocumentName, outbox_limit: int) -> None:
        self._rooms = rooms
        self._name = name
        self._outbox_limit = outbox_limit
        self._doc = new_doc()
        self._doc.live_connection = self  # type: ignore[attr-defined]  # who has the document has the connection
        self.awareness = pycrdt.Awareness(self._doc)
        self.model: YBaseDoc = ydocs.get(name.type, ydocs["file"])(self._doc, self.awareness)
        self.is_estranged = False
        self._epoch: Epoch | None = None
        self._room: Room | None = None
        self._member: Member | None = None
        self._is_level = False  # whether all that came has been applied, and frames can be as they come
        self._applying = False
        self._owes = False  # whether the program did something that the room does not have
        self._entering = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None
        observe(self._doc, self, self._on_change)
        self.awareness.observe(self._on_awareness)

    async def enter(self) -> None:
        """Until the model is what the document is. Raises LiveError when that cannot be opened."""
        async with self._entering:
            if self._is_inside:
                return
            member = Member(PROGRAM, Role.WRITER, Outbox(self._outbox_limit, self._push), is_program=True)
            self._is_level = False
            room = await self._rooms.enter(self._name, member, self._epoch)
            self._room, self._member, self._epoch = room, member, room.epoch
            room.answer(member, self._doc.get_state())
            while (frame := member.outbox.pop()) is not None:
                self._take(frame)
                await asyncio.sleep(0)  # a large document comes in slices
            self._is_level = True
            self._pump = asyncio.create_task(self._run(room, member), name=f"jupyter-live-direct {room.document}")

    async def enters(self) -> bool:
        """`enter`, unless the document has another epoch by now: then its model is not this one any more."""
        try:
            if not self.is_estranged:
                await self.enter()
        except LiveError as error:
            if error.code != "unknown_session":
                raise
            self.is_estranged = True
        return not self.is_estranged

    def come_back(self) -> None:
        """The document has been opened again, by somebody else."""
        self._catch_up_soon()

    async def close(self) -> None:
        """Leave for good."""
        tasks = [task for task in (self._catching_up, self._pump) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def _is_inside(self) -> bool:
        member, room = self._member, self._room
        return bool(room and member and not member.closing and self._rooms.get(room.document) is room)

    # what others do

    def _push(self, frame: bytes) -> bool:
        if not self._is_level:
            return False
        try:
            self._take(frame)
        except Exception as error:  # the room tells others, too, in the call that comes here
            log.exception("server_error: a program's copy of %s does not take what others did", self._name.id)
            if self._member:
                self._member.close(LiveError("server_error", str(error)))
        return True

    async def _run(self, room: Room, member: Member) -> None:
        """Apply what had to be queued; leave when the member is sent away."""
        outbox = member.outbox
        try:
            while not member.closing:
                await outbox.wait()
                while (frame := outbox.pop()) is not None:
                    self._take(frame)
                    await asyncio.sleep(0)
                if not member.closing:
                    room.drained(member)
        finally:
            self._rooms.leave(room, member)
            self._room = self._member = None

    def _take(self, data: bytes) -> None:
        frame = protocol.read(data)
        if frame.kind is Kind.STEP1:
            self._bring(self._doc.get_update(frame.payload))
        elif frame.kind in (Kind.STEP2, Kind.UPDATE):
            self._apply(frame.payload)
        elif frame.kind is Kind.AWARENESS:
            self.awareness.apply_awareness_update(frame.payload, REMOTE)

    def _apply(self, update: bytes) -> None:
        # A program may hold a transaction open while it waits: then this becomes a part of it, and of what it brings.
        origin = None if self._doc._txn else REMOTE
        self._applying = True
        try:
            with self._doc.transaction(origin=origin):
                self._doc.apply_update(update)
        finally:
            self._applying = False

    # what the program does

    def _on_change(self, event: pycrdt.TransactionEvent) -> None:
        if not self._applying:
            self._bring(event.update)

    def _bring(self, update: bytes) -> None:
        if update == NOTHING:
            return
        self._owes = True
        if self._room and self._member and self._is_inside:
            try:
                self._room.accept(update, self._member)
                self._owes = False
            except LiveError as error:
                log.error("a program's change to %s was refused: %s", self._name.id, error)
                self._member.close(error)
        else:
            self._catch_up_soon()

    def _catch_up_soon(self) -> None:
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up(), name=f"jupyter-live-catch-up {self._name.id}")

    async def _catch_up(self) -> None:
        """Bring what the program did while it was not inside, however long that takes."""
        while True:
            await asyncio.sleep(0)  # what it does in this turn comes along
            try:
                if await self.enters() or not self._owes:
                    return
                await self._hand_in()
            except LiveError as error:
                log.warning("what a program did to %s waits: %s", self._name.id, error)
                await asyncio.sleep(AGAIN)

    async def _hand_in(self) -> None:
        await asyncio.sleep(AGAIN)  # the whole document is brought: not at each word that a cell prints
        assert self._epoch is not None
        self._owes = False
        try:
            await self._rooms.hand_in(self._name, Held(self._epoch, b"", self._doc.get_update()), PROGRAM.username)
        except BaseException:
            self._owes = True
            raise

    def _on_awareness(self, topic: str, event: tuple[dict[str, list[int]], Any]) -> None:
        changes, origin = event
        if topic == "update" and origin != REMOTE and self._room and self._member:
            clients = [client for kind in ("added", "updated", "removed") for client in changes[kind]]
            self._room.hear(self._member, self.awareness.encode_awareness_update(clients))
