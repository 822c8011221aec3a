"""Updates that wait for one that has not come: kept by us, since the engine's own encoding of a document drops them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jupyter_live.errors import LiveError

BYTES_LIMIT = 8 * 2**20  # a real client, which sends in order, never has more than a few bytes waiting
ROWS_LIMIT = 1000  # then they are merged into one, which is quadratic, but only once in a thousand

Merge = Callable[[Sequence[bytes]], bytes]
StillWaiting = Callable[[bytes], bytes | None]


class Waiting:
    """What waits, bounded. `still_waiting` gives the part of an update that waits, or None."""

    def __init__(self, merge: Merge, still_waiting: StillWaiting) -> None:
        self._merge = merge
        self._still_waiting = still_waiting
        self._rows: dict[bytes, None] = {}
        self._size = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits; not known at once of what has been waiting."""
        return not self._rows

    def check_room(self, update: bytes) -> None:
        """Raises LiveError `waiting_too_much` when `update` must not wait as well; to be asked before it is applied."""
        if self._size and self._size + len(update) > BYTES_LIMIT:
            self._prune()
            if self._size and self._size + len(update) > BYTES_LIMIT:
                raise LiveError("waiting_too_much")

    def add(self, update: bytes) -> bool:
        """Keep the part of an applied update that waits; returns whether there is one that was not here before."""
        part = self._still_waiting(update)
        if part is None or part in self._rows:
            return False
        self._rows[part] = None
        self._size += len(part)
        if len(self._rows) > ROWS_LIMIT:
            self._prune()
            if len(self._rows) > ROWS_LIMIT:
                self._keep([self._merge([*self._rows])])
        return True

    def rows(self) -> list[bytes]:
        """What waits now. Looked at only here, since each look costs as much as what waits is long."""
        self._prune()
        return [*self._rows]

    def _prune(self) -> None:
        self._keep([part for row in self._rows if (part := self._still_waiting(row)) is not None])

    def _keep(self, rows: list[bytes]) -> None:
        self._rows = dict.fromkeys(rows)
        self._size = sum(map(len, rows))
