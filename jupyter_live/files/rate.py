"""How many files may be saved unasked in a second, so that typing goes first where many people type."""

from __future__ import annotations

AT_MOST = 20.0
"""Files a second. A save takes some 4 ms: of 200 documents, each saved every 5 s, they were a third of all work."""
BURST = 20  # files after a while without


class Rate:
    """Gives everyone who is to save a file a time to begin, in the order in which they ask.

    `wait_max` is how long the last has to wait, in seconds: beyond it there are more files a second than `AT_MOST`.
    """

    def __init__(self, wait_max: float) -> None:
        self._wait_max = wait_max
        self._next = 0.0

    def begin(self, now: float) -> float:
        """When to begin, for who would begin `now`."""
        self._next = max(self._next, now - BURST / AT_MOST) + 1 / AT_MOST
        self._next = min(self._next, now + self._wait_max)
        return max(now, self._next)
