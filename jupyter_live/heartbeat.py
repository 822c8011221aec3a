"""Looking once a second what a shared log has of the open documents: messages may get lost, the last one too."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from jupyter_live.ids import DocumentId
from jupyter_live.log import UpdateLog
from jupyter_live.room import Room

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds
LOOK_FOR_FILE = 3  # beats between two looks for somebody who has the file


class Open(Protocol):
    """The rooms."""

    def all(self) -> list[Room]: ...

    def look_for_file(self, room: Room) -> None:
        """Nobody tells of having the file of this room."""


class Heartbeat:
    """Tells each room what the log has, and looks for somebody who has the file of those that lack one."""

    def __init__(self, rooms: Open, update_log: UpdateLog) -> None:
        self._rooms = rooms
        self._log = update_log
        self._task = asyncio.create_task(self._run(), name="jupyter-live-heartbeat")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(BEAT)
            beats += 1
            try:
                await self._beat()
                if beats % LOOK_FOR_FILE == 0:
                    self._look_for_files()
            except Exception as error:
                log.warning("nobody knows what other processes have logged: %s", error)

    def _look_for_files(self) -> None:
        for room in self._rooms.all():
            if not room.bridge.has_file and room.link.peers.file is None:
                self._rooms.look_for_file(room)

    async def _beat(self) -> None:
        rooms: dict[DocumentId, Room] = {room.document: room for room in self._rooms.all() if not room.is_outdated}
        if not rooms:
            return
        tails = await self._log.tails([*rooms])
        for document, room in rooms.items():
            if document in tails:
                room.link.told(*tails[document])
            else:
                room.outdate()  # its history has been deleted
