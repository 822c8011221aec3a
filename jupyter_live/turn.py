"""What members send to a room within one turn of the event loop, to be dealt with together."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jupyter_live.member import Member
from jupyter_live.pace import Pace

TOGETHER = 1024  # bytes; a larger update is dealt with by itself, so that what it repeats is not told to all again
MANY = 500  # updates: merging is quadratic, and nothing is gained by more
PAUSE_MAX = 0.005  # seconds
ALONE = 0.02  # seconds since the turn before, after which nobody is expected to type in the same one


class Received(NamedTuple):
    """An update that has been checked, and that is its member's frame `number`."""

    update: bytes
    member: Member
    number: int


class Turn:
    """Collects updates and gives them to `take` when the turn is over; at once, in the call, if nobody else types.

    Where updates keep coming, telling everyone takes most of the time. Then the next turn lasts as long as that took,
    5 ms at the most, and ends in one frame for each instead of several. A lone typist never waits: the turn before is
    long over.
    """

    def __init__(self, take: Callable[[Sequence[Received]], None]) -> None:
        self._take = take
        self._received: list[Received] = []
        self._pace = Pace(self._end)

    def add(self, update: bytes, member: Member, number: int) -> None:
        self._received.append(Received(update, member, number))
        # A program types within a transaction of its own, in which nothing else may be done to documents.
        self._pace.due(math.inf if member.is_program else ALONE)
        if len(self._received) >= MANY:
            self.end()

    def end(self) -> None:
        """Do it now. Whoever looks at the document, or changes it otherwise, does so after that."""
        self._pace.now()

    def _end(self) -> float:
        received, self._received = self._received, []
        began = time.monotonic()
        self._take(received)
        return min(time.monotonic() - began, PAUSE_MAX)
