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
from jupyter_live.held import Held
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

AGAIN, AT_MOST = 1.0, 60.0
"""Seconds until what a program did is brought again into a document that cannot be opened: twice as long each time."""

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
        self._is_over = False
        self._applying = False
        self._edits = 0  # how often the program has changed something,
        self._handed_in = 0  # and how many of these are in the document's new history
        self._speaks_for: set[int] = set()  # ids in awareness
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
            try:
                room.answer(member, self._doc.get_state())
                while (frame := member.outbox.pop()) is not None:
                    self._take(frame)
                    await asyncio.sleep(0)  # a large document comes in slices
            except BaseException:
                self._left(room, member)
                raise
            self._is_level = True
            self._show()
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
            self._catch_up_soon()
        return not self.is_estranged

    def come_back(self) -> None:
        """The document has been opened again, by somebody else."""
        self._catch_up_soon()

    async def close(self) -> None:
        """Leave for good: what is done to the model from now on, nobody sees."""
        self._is_over = True
        if self._edits != self._handed_in and self._catching_up and not self._catching_up.done():
            log.error("what a program did to %s last is not in it: the server stops", self._name.id)
        tasks = [task for task in (self._catching_up, self._pump) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._room and self._member:  # a task that had not begun cleans up nothing
            self._left(self._room, self._member)

    @property
    def _is_inside(self) -> bool:
        member, room = self._member, self._room
        return bool(room and member and not member.closing and self._rooms.get(room.document) is room)

    def _left(self, room: Room, member: Member) -> None:
        self._rooms.leave(room, member)
        if self._member is member:  # else it has entered anew
            self._room = self._member = None
            others = [client for client in self.awareness.states if client not in self._speaks_for]
            self.awareness.remove_awareness_states(others, REMOTE)

    # what others do

    def _push(self, frame: bytes) -> bool:
        if self._is_level:
            self._take_safely(frame)  # the room tells others, too, in the call that comes here
        return self._is_level

    async def _run(self, room: Room, member: Member) -> None:
        """Apply what had to be queued; leave when the member is sent away."""
        outbox = member.outbox
        try:
            while not member.closing:
                await outbox.wait()
                while (frame := outbox.pop()) is not None:
                    self._take_safely(frame)
                    await asyncio.sleep(0)
                if not member.closing:
                    room.drained(member)
        finally:
            self._left(room, member)

    def _take_safely(self, frame: bytes) -> None:
        try:
            self._take(frame)
        except Exception as error:
            log.exception("server_error: a program's copy of %s does not take what others did", self._name.id)
            if self._member:
                self._member.close(LiveError("server_error", str(error)))

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
        if not self._applying and not self._is_over:
            self._edits += 1
            self._bring(event.update)

    def _bring(self, update: bytes) -> None:
        if update == NOTHING:
            return
        if not (self._room and self._member and self._is_inside):
            return self._catch_up_soon()
        try:
            self._room.accept(update, self._member)
        except LiveError as error:
            log.error("a program's change to %s was refused: %s", self._name.id, error)
            self._member.close(error)

    def _catch_up_soon(self) -> None:
        if not self._is_over and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = asyncio.create_task(self._catch_up(), name=f"jupyter-live-catch-up {self._name.id}")

    async def _catch_up(self) -> None:
        """Bring what the program did while it was not inside, however long that takes."""
        pause = AGAIN
        await asyncio.sleep(0)  # what it does in this turn comes along
        while True:
            try:
                # All that it ever did: what a room had taken may not have come into its log before the history ended.
                if await self.enters() or self._edits == self._handed_in:
                    return
                await asyncio.sleep(AGAIN)  # the whole document is brought: not at each word that a cell prints
                await self._hand_in()
                continue
            except LiveError as error:
                log.warning("what a program has of %s is not brought up to date: %s", self._name.id, error)
            except Exception:
                log.exception("server_error: what a program has of %s is not brought up to date", self._name.id)
            if not self._edits:
                return  # it only looks on
            await asyncio.sleep(pause)
            pause = min(2 * pause, AT_MOST)

    async def _hand_in(self) -> None:
        assert self._epoch is not None
        edits = self._edits
        await self._rooms.hand_in(self._name, Held(self._epoch, b"", self._doc.get_update()), PROGRAM.username)
        self._handed_in = edits

    def _on_awareness(self, topic: str, event: tuple[dict[str, list[int]], Any]) -> None:
        changes, origin = event
        if topic == "update" and origin != REMOTE:
            clients = [client for kind in ("added", "updated", "removed") for client in changes[kind]]
            self._speaks_for.update(clients)
            self._tell(clients)

    def _show(self) -> None:
        """Those for whom the program speaks were gone for the others when it left."""
        if here := [client for client in self._speaks_for if client in self.awareness.states]:
            self._tell(here)

    def _tell(self, clients: list[int]) -> None:
        if self._room and self._member:
            try:
                self._room.hear(self._member, self.awareness.encode_awareness_update(clients))
            except LiveError as error:
                log.error("what a program tells of itself in %s was refused: %s", self._name.id, error)
