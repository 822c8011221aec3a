"""Doing something soon, but not too often."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable


class Pace:
    """Calls `work` once for any number of `due`: when this turn of the event loop ends, or when it has rested.

    `work` returns the seconds to rest after it.
    """

    def __init__(self, work: Callable[[], float]) -> None:
        self._work = work
        self._handle: asyncio.Handle | None = None
        self._rested = 0.0  # the loop's time at which it has rested

    def due(self, quiet: float = math.inf) -> None:
        """There is something to do: in the call itself, where it has rested for `quiet` seconds more than it had to."""
        if self._handle is not None:
            return
        loop = asyncio.get_running_loop()
        rest = self._rested - loop.time()
        if rest < -quiet:
            self._do()
        else:
            self._handle = loop.call_later(rest, self.now) if rest > 0 else loop.call_soon(self.now)

    def now(self) -> None:
        """Do it now if it is due."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
            self._do()

    def _do(self) -> None:
        rest = self._work()
        self._rested = asyncio.get_running_loop().time() + rest
