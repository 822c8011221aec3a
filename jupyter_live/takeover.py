"""Taking over the file of a document that is open in some process, from one that is gone; and giving it up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, DocumentName
from jupyter_live.leases import Leases
from jupyter_live.room import Room

log = logging.getLogger(__name__)


class Open(Protocol):
    """The rooms."""

    def get(self, document: DocumentId) -> Room | None: ...

    async def open(self, name: DocumentName) -> Room: ...


class Takeover:
    """Sees to it that some process has each file. `find` tells the path of a file id, if the file is here."""

    def __init__(self, rooms: Open, leases: Leases, find: Callable[[str], str | None]) -> None:
        self._rooms = rooms
        self._leases = leases
        self._find = find
        self._tasks: dict[DocumentId, asyncio.Task[None]] = {}
        self._is_closing = False
        leases.on_lost = self._lost

    def begin(self, document: DocumentId) -> None:
        """Take the file of a document that is open in some process, if it is here and nobody else's."""
        name = DocumentName.parse(document)
        if name and not self._is_closing and document not in self._tasks and self._find(name.file_id):
            task = asyncio.create_task(self._take(name), name=f"jupyter-live-takeover {document}")
            self._tasks[document] = task
            task.add_done_callback(lambda _: self._tasks.pop(document))

    def refuse(self) -> None:
        """From now on none is taken over: the process ends."""
        self._is_closing = True

    async def close(self) -> None:
        """Until what is under way is done."""
        self.refuse()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _take(self, name: DocumentName) -> None:
        try:
            room = self._rooms.get(name.id)
            if (room and room.bridge.has_file) or not await self._leases.take(name.id):
                return
            if room:
                room.retire()
            await self._rooms.open(name)
        except LiveError as error:
            log.warning("file_behind: %s is open elsewhere, and cannot be saved here: %s", name.id, error)
            if not ((room := self._rooms.get(name.id)) and room.bridge.has_file):
                await self._leases.release(name.id)  # else nobody could have the file as long as this process lives

    def _lost(self, document: DocumentId) -> None:
        room = self._rooms.get(document)
        if room and room.bridge.has_file:
            room.retire()
