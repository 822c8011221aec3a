"""Who did what when, and who has got it: what all clients of one document share."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from time import perf_counter

from benchmarks.structs import Range


class Writing:
    """What one author has sent, and how far that has come."""

    def __init__(self, receivers: int) -> None:
        self.receivers = receivers
        self.sent: list[float] = []
        """When each clock was sent: seconds of `perf_counter`."""
        self.delivered = 0
        """Deliveries so far: clocks times those who have got them."""
        self.latencies = array("d")
        """Seconds from sending to receiving, of each delivery of a clock sent since `Board.record`."""
        self.last = 0.0
        """When something of it came last."""

    @property
    def in_flight(self) -> float:
        """How many of the newest clocks have not come yet, on average over the receivers."""
        return len(self.sent) - self.delivered / self.receivers


class Board:
    """`authors`: client ids; `clients`: how many there are on the document, the authors among them.

    With a `piece`, authors send so many clocks at a time, and all is counted in pieces.
    """

    def __init__(self, authors: Iterable[int], clients: int, piece: int = 1) -> None:
        self.piece = piece
        self.writings = {author: Writing(clients - 1) for author in authors}
        self.gaps = 0
        """Ranges that came before what they are based on: lost, or in the wrong order."""
        self.since = float("inf")
        self.on_delivery: Callable[[], None] | None = None

    def record(self) -> None:
        """Measure latencies of what is sent from now on."""
        self.since = perf_counter()

    def mark(self, author: int, clocks: int) -> None:
        """An author sends so many more clocks now."""
        self.writings[author].sent.extend([perf_counter()] * (clocks // self.piece))

    def receive(self, seen: dict[int, int], ranges: list[Range]) -> None:
        """A client has got these ranges; `seen` is how far it has got every author but itself."""
        now = perf_counter()
        for author, start, end in ranges:
            old = seen.get(author)
            if self.piece > 1:
                start, end = start // self.piece, end // self.piece
            if old is None or end <= old:
                continue
            if start > old:
                self.gaps += 1
                continue
            writing = self.writings[author]
            seen[author] = end
            writing.delivered += end - old
            writing.last = now
            if writing.sent[old] >= self.since:
                writing.latencies.extend([now - then for then in writing.sent[old:end]])
        if self.on_delivery is not None:
            self.on_delivery()

    @property
    def latencies(self) -> array[float]:
        """Those of all authors."""
        return array("d", [latency for writing in self.writings.values() for latency in writing.latencies])

    @property
    def deliveries(self) -> int:
        return sum(writing.delivered for writing in self.writings.values())

    @property
    def missing(self) -> int:
        """Deliveries that have not come yet."""
        return sum(len(writing.sent) * writing.receivers - writing.delivered for writing in self.writings.values())

    def new_reader(self, author: int | None = None) -> dict[int, int]:
        """How far a client, perhaps one of the authors, has got the others before anything has come."""
        return {other: 0 for other in self.writings if other != author}


def percentile(values: array[float], part: float) -> float:
    """The value below which `part` of them are; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
