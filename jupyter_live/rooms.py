"""All rooms of this process: opened once, closed when idle, drained on shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, NamedTuple

from jupyter_live.access import can
from jupyter_live.config import Config
from jupyter_live.errors import LiveError
from jupyter_live.handin import hand_in
from jupyter_live.heartbeat import Heartbeat
from jupyter_live.held import HandedIn, Held
from jupyter_live.ids import DocumentId, DocumentName, Epoch, Identity, is_fork_id
from jupyter_live.leases import Leases
from jupyter_live.listening import Happening, Listen, What
from jupyter_live.lobby import Lobby
from jupyter_live.log import UpdateLog
from jupyter_live.log.moments import Moments
from jupyter_live.member import Member
from jupyter_live.palette import Palette
from jupyter_live.records import about
from jupyter_live.relays import OpenRelay
from jupyter_live.restoring import Restored, restore
from jupyter_live.room import Room
from jupyter_live.takeover import Takeover
from jupyter_live.tally import Tally

log = logging.getLogger(__name__)

REST = 0.1  # seconds that a room stays at the least: who has it opened must have the time to enter

OpenRoom = Callable[[DocumentName, Palette, Held | None], Coroutine[Any, Any, Room]]


class Files(NamedTuple):
    """Which files there are in this process, as far as it matters which document they are."""

    at: Callable[[str], str | None]
    """The id of the file at a path; None when it has none."""
    find: Callable[[str], str | None]
    """The path of a file id now; None when it is unknown."""
    take: Callable[[str, str], None]
    """The file of this id was renamed to that path."""
    identity: Callable[[str], tuple[int, int] | None]
    """What all paths to one file share; None when that cannot be told."""


NO_FILES = Files(lambda path: None, lambda file_id: None, lambda file_id, path: None, lambda path: None)


class Closing(NamedTuple):
    """A room that is being closed: until then it may still write its file."""

    room: Room
    task: asyncio.Task[None]


class Rooms:
    """Rooms by document id. `opening.py` builds a room; this decides when, and that no two write one file."""

    def __init__(
        self,
        config: Config,
        update_log: UpdateLog,
        open_room: OpenRoom,
        files: Files,
        leases: Leases,
        open_relay: OpenRelay,
    ) -> None:
        self._config = config
        self._files = files
        self._leases = leases
        self._log = update_log
        self._log.on_health = self._log_health
        self._log.on_reset = self._restore_all
        self._open_room = open_room
        self._palette = Palette()
        self._rooms: dict[DocumentId, asyncio.Task[Room]] = {}
        self._closing: dict[DocumentId, Closing] = {}
        self._idle: dict[DocumentId, asyncio.TimerHandle] = {}
        self._draining = False
        self._log_error = update_log.health
        self._past = Tally()  # of what is not in a room, or in one that is closed
        self.listeners: list[Listen] = []
        self.ended: set[DocumentId] = set()
        """Forks that are being deleted: nobody opens them any more."""
        self.takeover = Takeover(self, leases, files.find)
        self.lobby = Lobby(self._palette, open_relay, self.takeover.begin, self._renamed)
        self._heartbeat = Heartbeat(self, update_log) if update_log.is_shared else None

    async def open(self, name: DocumentName, held: Held | None = None) -> Room:
        """The room of a document, loaded if need be. It stays for a while, even if nobody enters.

        A history that the log does not have is taken from the client that `held` it. Raises LiveError with the reason
        why the document cannot be opened; `open_otherwise` while its file is open as another kind of document, or by
        another name.
        """
        if name.id in self.ended:
            raise LiveError("unknown_document", f"{name.id} is being deleted")
        if not self._config.live:
            raise LiveError("switched_off")
        if not name.fits:
            error = LiveError("unsupported_type", f"{name.type} as {name.format}")
            log.warning("%s: %s", name.id, error)
            raise error
        while closing := self._first_closing(name):
            await asyncio.wait([closing])
        if self._draining:
            raise LiveError("restarting")
        task = self._rooms.get(name.id)
        if task is None:
            with about(name.id):  # so is what the room begins, whoever has it opened
                task = asyncio.create_task(self._load(name, held), name=f"jupyter-live-open {name.id}")
            self._rooms[name.id] = task
        # Shielded: the first to ask may go away while others wait for the same room.
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():  # by `drain`, not who asked
                raise LiveError("restarting") from None
            raise

    async def named(self, room: str) -> DocumentName:
        """Which document has the room of this name. Raises LiveError `unknown_document`."""
        if name := DocumentName.parse(room):
            return name
        fork = await self._log.fork(room) if is_fork_id(room) else None
        name = DocumentName.parse(fork.document) if fork else None
        if name is None:
            raise LiveError("unknown_document", room[:80])
        return name

    async def hand_in(self, name: DocumentName, held: Held, author: str) -> HandedIn:
        """Take what a client holds of a document's history; see `handin.py`. Raises LiveError."""
        is_open = name.id in self._rooms
        adopts = not is_open and not await self._log.knows(name.id)
        while True:
            room = await self.open(name, held)
            # Also into a history that was just adopted: perhaps from another client, who handed in at the same time.
            of_root = held.epoch == room.shares
            result = await hand_in(room, replace(held, epoch=room.epoch) if of_root else held, author)
            if self.get(name.id) is room:  # else it was closed meanwhile, perhaps without this
                is_adopted = adopts and room.epoch == held.epoch
                return replace(result, outcome="adopted") if is_adopted else result

    @property
    def moments(self) -> Moments:
        """What documents were before."""
        return self._log.moments

    async def restore(self, name: DocumentName, moment: int, who: Identity) -> Restored:
        """Make a document what it was at a moment; see `restoring.py`. Raises LiveError."""
        while True:
            room = await self.open(name)
            result = await restore(room, self.moments, moment, who)
            if self.get(name.id) is room:  # else it was closed meanwhile, perhaps without this
                return result

    async def epoch(self, document: DocumentId) -> Epoch | None:
        """The id of a document's history, also of one that is not open; None when it has none."""
        if room := self.get(document):
            return room.epoch
        tails = await self._log.tails([document])
        return tails[document][0] if document in tails else None

    async def enter(self, name: DocumentName, member: Member, session: str | None) -> Room:
        """Open a document's room and join it.

        Raises LiveError `unknown_session` when `session`, the epoch that the client knows, is another than the room's,
        or when there is no history at all and the client can hand in its own.
        """
        if session and member.notices and can(member.role, "write") and name.id not in self._rooms:
            if not await self._log.knows(name.id) and name.id not in self._rooms:
                raise self._unknown(f"{name.id}: no history any more; {session!r:.40} may be handed in")
        while True:
            room = await self.open(name)
            if session not in (None, room.epoch, room.shares):
                raise self._unknown(f"{name.id}: {session!r:.40} is not {room.epoch}")
            if self.get(name.id) is room:  # else it was closed in the turn between
                if not member.is_program:
                    self._busy(name.id)
                room.join(member)
                return room

    def _unknown(self, detail: str) -> LiveError:
        self._past.epochs += 1
        return LiveError("unknown_session", detail)

    def leave(self, room: Room, member: Member) -> None:
        """Let a member out; the last one out has the file saved at once."""
        room.leave(member)
        if not room.sockets and self.get(room.document) is room:
            room.bridge.hurry()
            self._rest(room)

    async def end(self, room: Room, error: LiveError) -> None:
        """Close a room at once, in the very turn, and send everyone away with `error`; until it is closed."""
        room.end(error)
        await asyncio.wait([self._start_closing(room)])

    def get(self, document: DocumentId) -> Room | None:
        """The room of a document that is open now."""
        task = self._rooms.get(document)
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        return task.result()

    def file_id_at(self, path: str) -> str | None:
        """The file id of the document that people have open at `path`.

        Jupyter may have forgotten it, or given the path another one: when the file was deleted, to be written again.
        """
        ids = (room.name.file_id for room in self.all() if room.sockets and room.path == path)
        return next(ids, None)

    def known_file_id(self, path: str) -> str | None:
        """The id of the file at `path`, open or not; None when it never was."""
        return self.file_id_at(path) or self._files.at(path)

    def all(self) -> list[Room]:
        return [room for document in list(self._rooms) if (room := self.get(document))]

    @property
    def tally(self) -> Tally:
        """What has happened since this began, also to documents that are closed by now."""
        lobby = Tally(reconnects=self.lobby.link.reconnects)
        return sum((room.tally for room in self.all()), self._past + lobby)

    def moved(self, old: str, new: str) -> None:
        """A file or a folder has been renamed through Jupyter."""
        for room in self.all():
            path = room.path
            if path == old or path.startswith(f"{old}/"):
                self._files.take(room.name.file_id, new + path[len(old) :])
            room.keeper.moved(old, new)

    def rename(self, identity: Identity) -> None:
        """Somebody goes by another name from now on, wherever they are."""
        self._renamed(identity)
        self.lobby.rename(identity)

    def _renamed(self, identity: Identity) -> None:
        if color := self._palette.change(identity.username, identity.color):
            for presence in (self.lobby.presence, *(room.presence for room in self.all())):
                presence.rename(identity, color)

    async def save_all(self) -> None:
        """Save every file while the members are still there to hear of it. Bounded by half of `drain_timeout`."""
        if saves := [asyncio.create_task(room.save()) for room in self.all()]:
            await asyncio.wait(saves, timeout=self._config.drain_timeout / 2)

    async def drain(self) -> None:
        """Send everyone away to come back, save every file, flush the log. Bounded by `drain_timeout`."""
        self._draining = True
        self.takeover.refuse()
        if self._heartbeat:
            await self._heartbeat.close()
        self.lobby.close(LiveError("restarting"))
        for room in self.all():
            room.close(LiveError("restarting"))
        opening = [task for task in self._rooms.values() if not task.done()]
        closing = [self._start_closing(room) for room in self.all()] + [each.task for each in self._closing.values()]
        for task in opening:
            task.cancel()
        if closing:
            _, late = await asyncio.wait(closing, timeout=self._config.drain_timeout)
            for closer in late:
                log.error("save_failed: %s was not finished in time", closer.get_name())
                closer.cancel()
        if opening:
            await asyncio.wait(opening)
        for timer in self._idle.values():
            timer.cancel()
        await self.takeover.close()
        await self.lobby.stop()

    def look_for_file(self, room: Room) -> None:
        """Nobody tells of having the file of this room: take it, or call those who may have it."""
        self.lobby.call(room.document)
        self.takeover.begin(room.document)

    def _first_closing(self, name: DocumentName) -> asyncio.Task[None] | None:
        """A room that has to be closed before the room of `name` can be opened."""
        if closing := self._closing.get(name.id):
            return closing.task
        if (room := self.get(name.id)) and room.is_outdated:
            return self._start_closing(room)
        if name.id in self._rooms:
            return None
        path = self._files.find(name.file_id)
        identity = self._files.identity(path) if path else None
        for other in self._rooms.keys() | self._closing.keys():
            if self._is_one_file(name.file_id, path, identity, other):
                if closing := self._closing.get(other):
                    return closing.task
                room = self.get(other)
                if room is None or room.sockets or not room.filing.is_logged:
                    raise LiveError("open_otherwise", f"{name.id}: {other} is open")
                return self._start_closing(room)
        return None

    def _is_one_file(self, file_id: str, path: str | None, identity: tuple[int, int] | None, other: DocumentId) -> bool:
        """Whether a file is that of another document: by its id, by its path, or by a link to it."""
        other_id = other.split(":", 2)[2]
        if other_id == file_id:
            return True
        closing = self._closing.get(other)
        room = closing.room if closing else self.get(other)
        other_path = room.path if room else self._files.find(other_id)
        if path is None or other_path is None:
            return False
        return path == other_path or (identity is not None and identity == self._files.identity(other_path))

    async def _load(self, name: DocumentName, held: Held | None) -> Room:
        try:
            room = await self._open_room(name, self._palette, held)
        except BaseException:
            del self._rooms[name.id]
            raise
        room.filing.log_health(self._log_error)
        room.listen = self.tell
        self.tell(Happening(What.OPENED, name, room.path))
        self._rest(room)
        return room

    def tell(self, happening: Happening) -> None:
        """Tell all listeners."""
        for listen in self.listeners:
            listen(happening)

    def _rest(self, room: Room) -> None:
        """Nobody is in: close the room after a while."""
        self._busy(room.document)
        loop = asyncio.get_running_loop()
        self._idle[room.document] = loop.call_later(max(self._config.idle_delay, REST), self._close_if_idle, room)

    def _busy(self, document: DocumentId) -> None:
        if timer := self._idle.pop(document, None):
            timer.cancel()

    def _close_if_idle(self, room: Room) -> None:
        if room.sockets:
            return
        if room.link.peers.members and room.bridge.has_file:
            return self._rest(room)
        if not room.filing.is_logged:
            return self._rest(room)  # what neither file nor log has stays in memory
        self._start_closing(room)

    def _start_closing(self, room: Room) -> asyncio.Task[None]:
        document = room.document
        if self._rooms.pop(document, None):
            self._past += room.tally  # now, in the turn in which it is counted no more: sums never fall
        room.close(LiveError("restarting"))  # programs: they come back when they have something to do
        self._busy(document)
        self.tell(Happening(What.CLOSED, room.name, room.path))
        task = asyncio.create_task(self._close(room), name=f"jupyter-live-close {document}")
        self._closing[document] = Closing(room, task)
        task.add_done_callback(lambda _: self._closing.pop(document, None))
        return task

    async def _close(self, room: Room) -> None:
        try:
            await room.merging.rescued()
            if room.bridge.has_file:
                await self._settle(room)
            else:
                await self._log.flush()
        except LiveError as error:
            log.error("%s", error)
        finally:
            await room.stop()
            if room.bridge.has_file:
                await self._leases.release(room.document)

    async def _settle(self, room: Room) -> None:
        """Leave file and log as whoever opens the document next should find them."""
        await room.save()
        await room.timeline.close()
        await self._log.flush()
        room.filing.settle(room.bridge.file)
        await self._log.compact(room.document)

    def _restore_all(self) -> None:
        for room in self.all():
            room.restore()

    def _log_health(self, error: LiveError | None) -> None:
        self._log_error = error
        for room in self.all():
            room.filing.log_health(error)
