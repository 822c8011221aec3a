"""Which rows of a shared log this process has: all up to one, and perhaps some after a gap."""

from __future__ import annotations

from jupyter_live.ids import Seq

AHEAD_LIMIT = 10_000  # rows; who is so far ahead of a gap reads the log in any case


class Tail:
    """Rows of one history, as they come: in order or not, once or twice."""

    def __init__(self, seq: Seq) -> None:
        self.seq = seq
        """All rows up to this one are here."""
        self._ahead: set[Seq] = set()

    @property
    def ahead(self) -> frozenset[Seq]:
        """The rows after the gap, if there is one."""
        return frozenset(self._ahead)

    @property
    def last(self) -> Seq:
        """The newest row that is here."""
        return max(self._ahead, default=self.seq)

    def has(self, seq: Seq) -> bool:
        return seq <= self.seq or seq in self._ahead

    def add(self, seq: Seq) -> None:
        """A row is here."""
        if seq > self.seq and len(self._ahead) < AHEAD_LIMIT:
            self._ahead.add(seq)
        while Seq(self.seq + 1) in self._ahead:
            self.seq = Seq(self.seq + 1)
            self._ahead.discard(self.seq)

    def reach(self, seq: Seq) -> None:
        """All rows up to this one are here: they have been read from the log."""
        if seq > self.seq:
            self.seq = seq
            self._ahead = {ahead for ahead in self._ahead if ahead > seq}
            self.add(seq)
