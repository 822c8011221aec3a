"""What has happened in this process since it began, in plain numbers: counted on the way, read by who asks for metrics.

Imports nothing of ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. What is usual is near the lower end, and the log is looked at after 1 s where the layer fails."""


@dataclass(slots=True)
class Delays:
    """A histogram of seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many were up to each of `BOUNDS` and above the one before; the last number is of those above all."""
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one. Where clocks of two machines differ it may be below 0, and counts as 0."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def __add__(self, other: Delays) -> Delays:
        return Delays([sum(both) for both in zip(self.counts, other.counts, strict=True)], self.total + other.total)

    def cumulated(self) -> Iterator[tuple[str, float]]:
        """Each bound as text, and how many were up to it, as Prometheus has histograms."""
        return zip([*map(str, BOUNDS), "+Inf"], accumulate(self.counts), strict=True)


@dataclass(slots=True)
class LinkTally:
    """What one link to other processes has met with."""

    is_up: bool = True
    reconnects: int = 0
    """How often the layer took messages again after it had failed."""
    delays: Delays = field(default_factory=Delays)
    """Between the logging of a row there and its being applied here, for those that came by message."""


@dataclass(slots=True)
class Tally:
    """What has happened to documents and their members. Numbers only grow."""

    gaps: int = 0
    """Reads of the log for rows that no message had brought."""
    slow: int = 0
    """Differences sent to members that had been behind."""
    epochs: int = 0
    """How often somebody came with another history than the document's, or was sent away since it has a new one."""
    reconnects: int = 0
    delays: Delays = field(default_factory=Delays)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.gaps + other.gaps,
            self.slow + other.slow,
            self.epochs + other.epochs,
            self.reconnects + other.reconnects,
            self.delays + other.delays,
        )
