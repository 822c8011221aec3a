"""How late the event loop is: while it is late, nobody's keystroke moves."""

from __future__ import annotations

import asyncio

TICK = 0.25  # seconds between two looks: what blocks the loop for longer is always seen, what is shorter, sometimes


class LoopLag:
    """Looks at it until it is closed; begins in the running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._last = 0.0
        self._max = 0.0
        self._timer = self._loop.call_soon(self._look)

    @property
    def last(self) -> float:
        """Seconds by which the loop was late at the last look, or is by now."""
        return max(self._last, self._overdue)

    @property
    def max(self) -> float:
        """The most since `forget`, in seconds."""
        return max(self._max, self._overdue)

    def forget(self) -> None:
        """Begin anew with the maximum."""
        self._max = 0.0

    def close(self) -> None:
        self._timer.cancel()

    @property
    def _overdue(self) -> float:
        return max(0.0, self._loop.time() - self._due)

    def _look(self) -> None:
        self._last = self._overdue
        self._max = max(self._max, self._last)
        self._due = self._loop.time() + TICK
        self._timer = self._loop.call_at(self._due, self._look)
