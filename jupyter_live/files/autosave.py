"""When to save: after a quiet time, or after the longest time that a change may wait, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jupyter_live.config import Config
from jupyter_live.flag import Flag

RETRY_FIRST, RETRY_MAX = 2.0, 60.0  # seconds between attempts while the file cannot be saved


class Autosave:
    """Calls `save`, which tells whether it succeeded, some time after each `touch`."""

    def __init__(self, config: Config, save: Callable[[], Awaitable[bool]], name: str) -> None:
        self._config = config
        self._save = save
        self._name = name
        self._touched = Flag()
        self._is_hurried = False
        self._woken = Flag()  # hurried, or the time is over
        self._last_touch = 0.0
        self._task: asyncio.Task[None] | None = None

    def touch(self) -> None:
        """There is something to save."""
        self._last_touch = asyncio.get_running_loop().time()
        self._touched.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"jupyter-live-save {self._name}")

    def hurry(self) -> None:
        """Do not wait any longer for a quiet time, or to try again."""
        self._is_hurried = True
        self._woken.set()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        loop, config = asyncio.get_running_loop(), self._config
        retry = RETRY_FIRST
        while True:
            await self._touched.wait()
            latest = loop.time() + config.save_delay_max
            while (pause := min(self._last_touch + config.save_delay, latest) - loop.time()) > 0:
                if await self._hurried_within(pause):
                    break
            self._touched.clear()  # before the snapshot: a change during the save asks for another
            self._is_hurried = False
            if await self._save():
                retry = RETRY_FIRST
            else:
                await self._hurried_within(retry)
                retry = min(2 * retry, RETRY_MAX)
                self._touched.set()

    async def _hurried_within(self, seconds: float) -> bool:
        over = asyncio.get_running_loop().call_later(seconds, self._woken.set)  # `wait_for` costs five times as much
        try:
            await self._woken.wait()
        finally:
            over.cancel()
        self._woken.clear()
        return self._is_hurried
