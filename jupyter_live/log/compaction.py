"""When to make few rows of many, and of which. Doing it is the store's work; see `store.put_folded`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, Row

ROWS = 500
"""Rows below which folding is not worth it: replaying one takes some 10 us, a fold rewrites the whole base."""
MANY_ROWS = 5000
"""Rows above which a document is folded whatever the sizes, so that opening it stays quick."""
SPARE = 100
"""Newest rows of an open document that stay single: a save that is under way will soon mark one of them."""
KNOWN = 10_000
"""Documents to keep counts of at most: one that was read, but then could not be opened, is never closed."""


def grouped(rows: Sequence[Row], marks: Collection[Seq], spare: int) -> list[list[Row]]:
    """The rows (the base is the first) in groups of which each may become one row; those after them stay single.

    Every mark that can be replayed now ends a group, so that it still can be. Without marks nobody will want to
    replay a part, and all becomes one.
    """
    ends = sorted(mark for mark in marks if mark >= rows[0].seq)
    if not ends:
        return [[*rows]]
    ends.append(rows[max(0, len(rows) - 1 - spare)].seq)
    return [group for group in _cut(rows, ends) if group]


def _cut(rows: Sequence[Row], ends: Sequence[Seq]) -> Iterator[list[Row]]:
    start = 0
    for end in ends:
        stop = start
        while stop < len(rows) and rows[stop].seq <= end:
            stop += 1
        yield [*rows[start:stop]]
        start = stop


@dataclass(slots=True)
class _Tail:
    base: int = 0
    rows: int = 0
    bytes: int = 0

    @property
    def is_due(self) -> bool:
        return self.rows >= MANY_ROWS or (self.rows >= ROWS and self.bytes >= self.base)


class Compaction:
    """Counts what has been logged since each document's base was written.

    A document is due when its rows are many and weigh as much as what was folded before: the store then stays below
    about twice that (plus `ROWS` rows), and each byte is rewritten a bounded number of times.
    """

    def __init__(self) -> None:
        self._tails: dict[DocumentId, _Tail] = {}

    def opened(self, document: DocumentId, base: int, rows: Sequence[bytes] = ()) -> None:
        """What the store has of a document now: `base` bytes that are folded, and single rows."""
        self._tails.pop(document, None)  # so that the oldest is the first
        self._tails[document] = _Tail(base, len(rows), sum(map(len, rows)))
        while len(self._tails) > KNOWN:
            del self._tails[next(iter(self._tails))]  # if it is open after all, it is counted anew, over no base

    def logged(self, entries: Sequence[Entry]) -> list[DocumentId]:
        """Count rows; returns the documents that are due."""
        touched = set()
        for entry in entries:
            tail = self._tails.setdefault(entry.document, _Tail())
            tail.rows += 1
            tail.bytes += len(entry.update)
            touched.add(entry.document)
        return [document for document in touched if self._tails[document].is_due]

    @property
    def open(self) -> list[DocumentId]:
        """The documents that are counted."""
        return [*self._tails]

    def failed(self, document: DocumentId) -> None:
        """A document that was due could not be folded: it is due again after as many rows, not with the next one."""
        if tail := self._tails.get(document):
            tail.rows = tail.bytes = 0

    def closed(self, document: DocumentId) -> None:
        """Nobody has the document open any more."""
        self._tails.pop(document, None)
