"""Who typed what when, and who has got it: what all clients of one document share."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from time import perf_counter

from benchmarks.structs import Range
from benchmarks.updates import Typist


class Writing:
    """One typist on a document, and how far its edits have come."""

    def __init__(self, typist: Typist, receivers: int) -> None:
        self.typist = typist
        self.receivers = receivers
        self.sent: list[float] = []
        """When each character was sent, by clock: seconds of `perf_counter`."""
        self.delivered = 0
        """Deliveries so far: characters times those who have got them."""

    @property
    def in_flight(self) -> float:
        """How many of the newest characters have not come yet, on average over the receivers."""
        return len(self.sent) - self.delivered / self.receivers


class Board:
    """`clients`: how many there are on the document, the typists among them."""

    def __init__(self, typists: list[Typist], clients: int) -> None:
        self.writings = {typist.client: Writing(typist, clients - 1) for typist in typists}
        self.latencies = array("d")
        """Seconds from sending to receiving, of each delivery of a character typed since `record`."""
        self.gaps = 0
        """Ranges that came before what they are based on: lost, or in the wrong order."""
        self.since = float("inf")
        self.on_delivery: Callable[[], None] | None = None

    def record(self) -> None:
        """Measure latencies of what is typed from now on."""
        self.since = perf_counter()

    def type(self, client: int) -> bytes:
        """The update of a typist's next character, which is sent now."""
        writing = self.writings[client]
        writing.sent.append(perf_counter())
        return writing.typist.type()

    def receive(self, seen: dict[int, int], ranges: list[Range]) -> None:
        """A client has got these ranges; `seen` is how far it has got every typist but itself."""
        now = perf_counter()
        for client, start, end in ranges:
            old = seen.get(client)
            if old is None or end <= old:
                continue
            if start > old:
                self.gaps += 1
                continue
            writing = self.writings[client]
            seen[client] = end
            writing.delivered += end - old
            if writing.sent[old] >= self.since:
                self.latencies.extend([now - then for then in writing.sent[old:end]])
        if self.on_delivery is not None:
            self.on_delivery()

    @property
    def deliveries(self) -> int:
        return sum(writing.delivered for writing in self.writings.values())

    @property
    def missing(self) -> int:
        """Deliveries that have not come yet."""
        return sum(len(writing.sent) * writing.receivers - writing.delivered for writing in self.writings.values())

    def new_reader(self, client: int | None = None) -> dict[int, int]:
        """What a client has seen before anything: for `Client.seen`."""
        return {other: 0 for other in self.writings if other != client}


def percentile(values: array[float], part: float) -> float:
    """The value below which `part` of them are; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
