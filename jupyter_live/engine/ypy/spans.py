"""Ranges of clocks: what is in them, what is not, and which have come."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping

from jupyter_live.engine.structs import Id
from jupyter_live.engine.updates import Ranges

_AFTER_ALL = 2**64  # clocks


class Spans:
    """Clocks of clients."""

    def __init__(self, ranges: Ranges | None = None) -> None:
        self._ranges: Ranges = ranges or {}

    def __contains__(self, item: Id) -> bool:
        client, clock = item
        ranges = self._ranges.get(client, ())
        at = bisect_right(ranges, (clock, _AFTER_ALL)) - 1
        return at >= 0 and clock < ranges[at][1]

    def add(self, client: int, first: int, last: int) -> None:
        """Add clocks that are not there yet."""
        insort(self._ranges.setdefault(client, []), (first, last))

    def outside(self, client: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """What of a range is not in here."""
        ranges = self._ranges.get(client, ())
        for start, end in ranges[max(bisect_right(ranges, (first, _AFTER_ALL)) - 1, 0) :]:
            if start >= last:
                break
            if first < start:
                yield first, start
            first = max(first, end)
        if first < last:
            yield first, last


def parted(ranges: Ranges, clocks: Mapping[int, int]) -> tuple[Ranges, Ranges]:
    """What of the ranges is before a vector, by client the next clock, and what is not."""
    before: Ranges = {}
    after: Ranges = {}
    for client, rows in ranges.items():
        known = clocks.get(client, 0)
        for first, last in rows:
            if first < min(last, known):
                before.setdefault(client, []).append((first, min(last, known)))
            if max(first, known) < last:
                after.setdefault(client, []).append((max(first, known), last))
    return before, after
