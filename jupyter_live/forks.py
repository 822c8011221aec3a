"""Forks of documents: made, listed, kept in step, merged, deleted."""

from __future__ import annotations

import asyncio
import uuid
import weakref
from dataclasses import dataclass
from typing import Any

from jupyter_live import work
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.forking import ALL
from jupyter_live.held import HandedIn, Held
from jupyter_live.ids import DocumentName, Epoch, Fork
from jupyter_live.listening import Happening, What
from jupyter_live.log import UpdateLog
from jupyter_live.mirroring import Mirrors
from jupyter_live.nofile import NoFile
from jupyter_live.room import Room
from jupyter_live.rooms import Rooms

MOST = 20  # forks of one document: each is a copy of it in the log
ROUNDS = 5  # of a merge, before those who go on typing into the fork are sent away for the last one


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of the fork that is to be made."""

    synchronize: bool = False
    title: str = ""
    description: str = ""


class Forks:
    """All forks that can be reached here. Who asks has been allowed to."""

    def __init__(self, rooms: Rooms, update_log: UpdateLog, engine: Engine) -> None:
        self._rooms = rooms
        self._log = update_log
        self._engine = engine
        self._mirrors = Mirrors(rooms, update_log, engine)
        self._endings: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def close(self) -> None:
        """No room is open any more."""
        await self._mirrors.close()

    async def all(self, root: DocumentName) -> dict[str, dict[str, Any]]:
        """What there is of a document, by the forks' ids."""
        return {fork.id: fork.info() for fork in await self._log.forks(root.id)}

    async def find(self, fork_id: str) -> tuple[Fork, Epoch]:
        """A fork and its epoch now, opened on the way. Raises LiveError, also why it cannot be opened."""
        room = await self._rooms.open(await self._rooms.named(fork_id))
        fork = await self._log.fork(fork_id)
        if fork is None:
            raise LiveError("unknown_document", f"there is no fork {fork_id}")
        return fork, room.epoch

    async def make(self, root: DocumentName, wanted: Wanted, username: str) -> tuple[Fork, Epoch]:
        """Fork a document as it is now. Raises LiveError, also why the document cannot be opened."""
        if root.is_fork:
            raise LiveError("fork_of_fork", root.id)
        room = await self._rooms.open(root)
        if not room.filing.is_lasting:
            raise LiveError("log_temporary", f"a fork of {root.id} would end with this server")
        room.turn.end()
        updates = room.whole.updates()
        await room.journal.flush()  # else after a crash the fork might have what its document has lost
        base = await work.run(_size(updates), self._engine.fold, updates)
        name = DocumentName(root.format, root.type, uuid.uuid4().hex)
        fork = Fork(name.id, root.id, room.epoch, wanted.synchronize, wanted.title, wanted.description)
        history = await self._log.begin_fork(fork, base, MOST)
        self._rooms.tell(Happening(What.FORKED, root, room.path, username, fork=fork))
        return fork, history.epoch

    async def end(self, fork_id: str, username: str, *, merge: bool) -> HandedIn | None:
        """Delete a fork, once all of it is in its document if it is to be merged: then tells what that came to.

        Where that fails the fork stays. Raises LiveError `unknown_document`, `fork_elsewhere`, and why the document
        cannot be opened or does not take it.
        """
        async with self._endings.setdefault(fork_id, asyncio.Lock()):
            fork = await self._log.fork(fork_id)
            name = DocumentName.parse(fork.document) if fork else None
            if fork is None or name is None:
                raise LiveError("unknown_document", f"there is no fork {fork_id:.40}")
            try:
                room = await self._room(name, needed=merge)
                merged = await self._merge(fork, name, username) if merge else None
                self._rooms.ended.add(name.id)
                if room := self._rooms.get(name.id) or room:
                    await self._rooms.end(room, LiveError("fork_merged" if merge else "fork_deleted"))
                await self._log.end_fork(fork)
            finally:
                self._rooms.ended.discard(name.id)
            root = DocumentName.parse(fork.root)
            assert root is not None
            self._rooms.tell(Happening(What.UNFORKED, root, who=username, fork=fork))
            return merged

    async def _room(self, name: DocumentName, *, needed: bool) -> Room | None:
        """The fork's room, so that nobody else has it; None where it cannot be read and need not be."""
        try:
            return await self._rooms.open(name)
        except LiveError as error:
            if needed or error.code != "could_not_open":
                raise
            return None

    async def _merge(self, fork: Fork, name: DocumentName, username: str) -> HandedIn:
        """Bring all of a fork into its document, durably. On return nothing has changed in it since."""
        root = DocumentName.parse(fork.root)
        assert root is not None
        await self._mirrors.end(name.id)  # what comes from the document need not go back there
        results: list[HandedIn] = []
        try:
            while True:
                room = await self._rooms.open(name)
                if len(results) == ROUNDS:
                    self._rooms.ended.add(name.id)
                    room.close(LiveError("fork_merged"))
                await room.merging.rescued()
                room.turn.end()
                changes = _changes(room)
                results.append(await self._rooms.hand_in(root, await self._held(fork, room), username))
                room.turn.end()
                if len(results) > ROUNDS or (self._rooms.get(name.id) is room and _changes(room) == changes):
                    return _together(results)
        except BaseException:
            await self._mirrors.begin(name)
            raise

    async def _held(self, fork: Fork, room: Room) -> Held:
        """The fork as a client would hold it that had gone off with a copy of the document.

        By the epoch that its room knows: when that was opened the fork may have followed its document into another.
        """
        updates = room.whole.updates()
        rows = await self._log.after(fork.document, room.epoch, ALL) or []
        base = rows[0].data if rows and rows[0].seq == 0 else b""
        before = [base] if base else []
        mine = await work.run(_size([base, *updates]), self._engine.fold_onto, before, updates)
        assert room.shares is not None
        return Held(room.shares, base, mine)


def _together(results: list[HandedIn]) -> HandedIn:
    """What came of several rounds."""
    conflicts = tuple(conflict for each in results for conflict in each.conflicts)
    copy = next((each.copy for each in results if each.copy), None)
    last = results[-1]
    return HandedIn(last.epoch, results[0].outcome, sum(each.changed for each in results), conflicts, copy)


def _changes(room: Room) -> int:
    assert isinstance(room.bridge, NoFile)
    return room.bridge.changes


def _size(updates: list[bytes]) -> int:
    return sum(map(len, updates))
