"""``GET changed``: all files that were changed on a temporary server, to take along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.rooms import Rooms


class ChangedConsumer(HttpConsumer):
    """Saves what is open, so that the files have it; `archive`, which blocks, makes the zip."""

    method = "GET"
    content_type = "application/zip"

    def __init__(self, rooms: Rooms, archive: Callable[[], bytes]) -> None:
        super().__init__()
        self.rooms = rooms
        self.archive = archive

    async def content(self) -> tuple[int, bytes]:
        await self.rooms.save_all()
        return 200, await asyncio.to_thread(self.archive)
