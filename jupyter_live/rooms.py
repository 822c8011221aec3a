"""All rooms of this process: opened once, closed when idle, drained on shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from jupyter_live.config import Config
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, DocumentName
from jupyter_live.lobby import Lobby
from jupyter_live.log import UpdateLog
from jupyter_live.member import Member
from jupyter_live.palette import Palette
from jupyter_live.room import Room

log = logging.getLogger(__name__)

OpenRoom = Callable[[DocumentName, Palette], Coroutine[Any, Any, Room]]


class Rooms:
    """Rooms by document id. `opening.py` builds a room; this decides when."""

    def __init__(self, config: Config, update_log: UpdateLog, open_room: OpenRoom) -> None:
        self._config = config
        self._log = update_log
        self._log.on_health = self._log_health
        self._open_room = open_room
        self._palette = Palette()
        self._rooms: dict[DocumentId, asyncio.Task[Room]] = {}
        self._closing: dict[DocumentId, asyncio.Task[None]] = {}
        self._idle: dict[DocumentId, asyncio.TimerHandle] = {}
        self._draining = False
        self._log_error: LiveError | None = None
        self.lobby = Lobby(self._palette)

    async def open(self, name: DocumentName) -> Room:
        """The room of a document, loaded if need be. It stays for a while, even if nobody enters.

        Raises LiveError with the reason why it cannot be opened.
        """
        while closing := self._closing.get(name.id):
            await asyncio.wait([closing])
        if (room := self.get(name.id)) and room.is_outdated:
            await asyncio.wait([self._start_closing(room)])
        if self._draining:
            raise LiveError("restarting")
        task = self._rooms.get(name.id)
        if task is None:
            task = asyncio.create_task(self._load(name), name=f"jupyter-live-open {name.id}")
            self._rooms[name.id] = task
        # Shielded: the first to ask may go away while others wait for the same room.
        return await asyncio.shield(task)

    async def enter(self, name: DocumentName, member: Member, session: str | None) -> Room:
        """Open a document's room and join it.

        Raises LiveError `unknown_session` when `session`, the epoch that the client knows, is another than the room's.
        """
        while True:
            room = await self.open(name)
            if session not in (None, room.epoch):
                raise LiveError("unknown_session", f"{name.id}: {session!r:.40} is not {room.epoch}")
            if self.get(name.id) is room:  # else it was closed in the turn between
                self._busy(name.id)
                room.join(member)
                return room

    def leave(self, room: Room, member: Member) -> None:
        """Let a member out; the last one out has the file saved at once."""
        room.leave(member)
        if not room.members and self.get(room.document) is room:
            room.bridge.hurry()
            self._rest(room)

    def get(self, document: DocumentId) -> Room | None:
        """The room of a document that is open now."""
        task = self._rooms.get(document)
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        return task.result()

    def all(self) -> list[Room]:
        return [room for document in list(self._rooms) if (room := self.get(document))]

    def moved(self, old: str, new: str) -> None:
        """A file or a folder has another path now."""
        for room in self.all():
            room.moved(old, new)

    async def drain(self) -> None:
        """Send everyone away to come back, save every file, flush the log. Bounded by `drain_timeout`."""
        self._draining = True
        self.lobby.close(LiveError("restarting"))
        for room in self.all():
            room.close(LiveError("restarting"))
        opening = [task for task in self._rooms.values() if not task.done()]
        closing = [self._start_closing(room) for room in self.all()] + list(self._closing.values())
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

    async def _load(self, name: DocumentName) -> Room:
        try:
            room = await self._open_room(name, self._palette)
        except BaseException:
            del self._rooms[name.id]
            raise
        room.log_health(self._log_error)
        self._rest(room)
        return room

    def _rest(self, room: Room) -> None:
        """Nobody is in: close the room after a while."""
        self._busy(room.document)
        loop = asyncio.get_running_loop()
        self._idle[room.document] = loop.call_later(self._config.idle_delay, self._close_if_idle, room)

    def _busy(self, document: DocumentId) -> None:
        if timer := self._idle.pop(document, None):
            timer.cancel()

    def _close_if_idle(self, room: Room) -> None:
        if room.members:
            return
        if not room.is_safe:
            return self._rest(room)  # what neither file nor log has stays in memory
        self._start_closing(room)

    def _start_closing(self, room: Room) -> asyncio.Task[None]:
        document = room.document
        self._rooms.pop(document, None)
        self._busy(document)
        task = asyncio.create_task(self._close(room), name=f"jupyter-live-close {document}")
        self._closing[document] = task
        task.add_done_callback(lambda _: self._closing.pop(document, None))
        return task

    async def _close(self, room: Room) -> None:
        try:
            if not room.bridge.is_current:
                await room.bridge.save()
            await self._log.flush()
            await self._log.compact(room.document)
        except LiveError as error:
            log.error("%s", error)
        finally:
            await room.stop()

    def _log_health(self, error: LiveError | None) -> None:
        self._log_error = error
        for room in self.all():
            room.log_health(error)
