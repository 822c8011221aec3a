"""When to fold a document's rows into its base. Doing it is the store's work; see `sql.compact`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_live.ids import DocumentId
from jupyter_live.log import Entry

ROWS = 500
"""Rows below which folding is not worth it: replaying one takes some 10 us, a fold rewrites the whole base."""
MANY_ROWS = 5000
"""Rows above which a document is folded whatever the sizes, so that opening it stays quick."""
KNOWN = 10_000
"""Documents to keep counts of at most: one that was read, but then could not be opened, is never closed."""


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

    A document is due when its rows are many and weigh as much as the base: the store then stays below about twice the
    document (plus `ROWS` rows), and each byte is rewritten a bounded number of times.
    """

    def __init__(self) -> None:
        self._tails: dict[DocumentId, _Tail] = {}

    def opened(self, document: DocumentId, base: int, rows: Sequence[bytes] = ()) -> None:
        """A document's base of `base` bytes and its rows are what the store has now."""
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

    def failed(self, document: DocumentId) -> None:
        """A document that was due could not be folded: it is due again after as many rows, not with the next one."""
        if tail := self._tails.get(document):
            tail.rows = tail.bytes = 0

    def closed(self, document: DocumentId) -> None:
        """Nobody has the document open any more."""
        self._tails.pop(document, None)
