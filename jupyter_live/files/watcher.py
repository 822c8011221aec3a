"""Noticing that somebody else has written, moved or deleted a file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from jupyter_live.errors import LiveError
from jupyter_live.files.disk import Disk

log = logging.getLogger(__name__)

POLL = 0.7  # seconds between two looks at a file's time; what is found is merged within 2 s
STEP = 0.1  # seconds; looks are at multiples of it, so that 100 files do not wake an idle process 140 times a second
PATIENCE = 2.5  # seconds a file may be missing or half-written before anybody is told: git and editors replace files


class Watcher:
    """Looks at one file while its document is open.

    Polling asks any contents manager, also on network homes, where the kernel's notifications do not come.
    `look` takes in what has changed; `trouble` is told what stays wrong; `moved` hears old and new path.
    """

    def __init__(
        self,
        disk: Disk,
        look: Callable[[], Awaitable[None]],
        trouble: Callable[[LiveError], None],
        moved: Callable[[str, str], None],
    ) -> None:
        self._disk = disk
        self._look = look
        self._trouble = trouble
        self._moved = moved
        self._wrong_since: float | None = None
        self._path = disk.path

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong with the file when it was looked at last."""
        return self._wrong_since is None

    @property
    def is_patient(self) -> bool:
        """Whether what is wrong with the file, if anything, may pass by itself in a moment."""
        return self._wrong_since is None or asyncio.get_running_loop().time() - self._wrong_since < PATIENCE

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(POLL - asyncio.get_running_loop().time() % STEP)
            if self.is_well and self._disk.is_undisturbed:
                continue
            try:
                self._follow_path()
                await self._check()
                self._wrong_since = None
            except LiveError as error:
                await self._endure(error)
            except Exception:
                log.exception("%s could not be looked at; it is tried again", self._path)

    async def _check(self) -> None:
        if await self._disk.looks_untouched() and self.is_well:
            return
        await self._look()

    async def _endure(self, error: LiveError) -> None:
        if self._wrong_since is None:
            self._wrong_since = asyncio.get_running_loop().time()
        if self.is_patient:
            return
        if error.code == "file_missing" and await self._is_found():
            return self._follow_path()
        self._trouble(error)

    async def _is_found(self) -> bool:
        try:
            return await self._disk.follow()
        except LiveError:
            return False  # what looks like it cannot be read
        except Exception:
            log.exception("%s could not be looked for", self._path)
            return False

    def _follow_path(self) -> None:
        old, self._path = self._path, self._disk.path
        if old != self._path:
            self._moved(old, self._path)
