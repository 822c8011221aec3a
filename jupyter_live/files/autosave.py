"""When to save: after a quiet time, or after the longest time that a change may wait, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jupyter_live.config import Config
from jupyter_live.files.rate import Rate

RETRY_FIRST, RETRY_MAX = 2.0, 60.0  # seconds between attempts while the file cannot be saved


class Autosave:
    """Calls `save`, which tells whether it succeeded, some time after each `touch`, when `rate` has a place for it.

    Waiting takes a timer and no task: to wake one in each of 200 documents, once a second, was 4 % of what they cost.
    """

    def __init__(self, config: Config, rate: Rate, save: Callable[[], Awaitable[bool]], name: str) -> None:
        self._config = config
        self._rate = rate
        self._save = save
        self._name = name
        self._is_touched = False
        self._begin: float | None = None  # when there is a place for the next save, once it has asked for one
        self._last_touch = self._latest = 0.0  # of the event loop's clock; `_latest` is when to save at the latest
        self._retry = RETRY_FIRST
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def touch(self) -> None:
        """There is something to save."""
        self._last_touch = asyncio.get_running_loop().time()
        if not self._is_touched:
            self._is_touched = True
            self._begin = None  # who hurried a save that was under way does not hurry the next
            self._latest = self._last_touch + self._config.save_delay_max
            if self._task is None and self._timer is None:
                self._wait()

    def hurry(self) -> None:
        """Do not wait any longer for a quiet time, for a place, or to try again."""
        self._latest = self._begin = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._wait()

    async def stop(self) -> None:
        self._is_touched = False
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _wait(self) -> None:
        """Save if it is time, else look again when it may be."""
        loop = asyncio.get_running_loop()
        due = min(self._last_touch + self._config.save_delay, self._latest)
        if due <= loop.time() and self._begin is None:
            self._begin = self._rate.begin(loop.time())
        if self._begin is not None:  # its turn is when it asked, whatever is touched meanwhile
            due = self._begin
        if due > loop.time():
            self._timer = loop.call_at(due, self._wait)
        else:
            self._timer = self._begin = None
            self._task = asyncio.create_task(self._run(), name=f"jupyter-live-save {self._name}")

    async def _run(self) -> None:
        self._is_touched = False  # before the snapshot: a change during the save asks for another
        is_saved = await self._save()
        self._task = None
        if is_saved:
            self._retry = RETRY_FIRST
            if self._is_touched:
                self._wait()
        else:
            self._is_touched = True
            self._timer = asyncio.get_running_loop().call_later(self._retry, self._wait)
            self._retry = min(2 * self._retry, RETRY_MAX)
