"""Doing something soon, but not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pace:
    """Calls `work` once for any number of `due`: when this turn of the event loop ends, or when it has rested.

    `work` returns the seconds to rest after it.
    """

    def __init__(self, work: Callable[[], float]) -> None:
        self._work = work
        self._handle: asyncio.Handle | None = None
        self._rested = 0.0  # the loop's time at which it has rested

    def due(self) -> None:
        """There is something to do."""
        if self._handle is None:
            loop = asyncio.get_running_loop()
            rest = self._rested - loop.time()
            self._handle = loop.call_later(rest, self.now) if rest > 0 else loop.call_soon(self.now)

    def now(self) -> None:
        """Do it now if it is due."""
        if self._handle is None:
            return
        self._handle.cancel()
        self._handle = None
        rest = self._work()
        self._rested = asyncio.get_running_loop().time() + rest
