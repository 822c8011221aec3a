"""What a client holds of a history that the file may not have: what it would hand to a server that lost it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pycrdt

EMPTY = b"\x00\x00"
"""An update that brings nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a browser keeps of a document beyond the life of a tab, to be handed in when the document is opened again.

    `base` is the document as of the last content known to be in the file (empty: not known), `mine` the document as the
    tab had it, both as Yjs updates. `logged` is what the server has of it, where only the rest may be new to it.
    """

    room: str
    """`format:type:file id`."""
    path: str
    epoch: str
    base: bytes
    mine: bytes
    logged: bytes = b""


@dataclass(slots=True)
class _Change:
    update: bytes
    number: int
    is_own: bool
    frame: int
    """Own ones: which document frame of the socket brought it to the server; 0 as long as none did."""


class Holding:
    """The document as of the last `saved` marker, and every change since in the order in which it came.

    Between `saving` and `saved` of one number more may come: what the snapshot contains is what the server had sent
    before `saving`, and the own frames that it says it had received.
    """

    def __init__(self) -> None:
        self._base = EMPTY
        """Merged, not as a document: what the server has sent may wait for own changes, and pycrdt drops what waits."""
        self._is_known = False
        self._changes: list[_Change] = []
        self._count = 0
        self._marks: dict[int, tuple[int, int]] = {}
        """By number of a save: the last change before its `saving`, and the number of own frames in it."""

    def came(self, update: bytes) -> None:
        """A change from the server."""
        self._add(update, False, 0)

    def did(self, update: bytes, frame: int = 0) -> None:
        """An own change, sent as document frame number `frame`, or made offline."""
        self._add(update, True, frame)

    def answered(self, frame: int) -> None:
        """Document frame `frame`, a step 2, told the server of all own changes until now."""
        for change in self._changes:
            if change.is_own:
                change.frame = frame

    def connected(self) -> None:
        """On a new socket: what the old one promised and did not fulfil is void."""
        self._marks.clear()
        self.answered(0)

    def marker(self, notice: dict[str, Any]) -> None:
        """Take a notice; `saving` and `saved` move the base."""
        if notice["type"] == "saving":
            self._marks[notice["save"]] = self._count, notice["received"]
        elif notice["type"] == "saved" and (mark := self._marks.pop(notice["save"], None)):
            self._saved(*mark)

    def unconfirmed(self, logged: int) -> bool:
        """Whether there are own changes that are not among the first `logged` frames, which the server has logged."""
        return any(change.is_own and not 0 < change.frame <= logged for change in self._changes)

    def confirmed(self, logged: int) -> bytes:
        """The document without own changes that are not among the first `logged` frames."""
        changes = (change for change in self._changes if not change.is_own or 0 < change.frame <= logged)
        return pycrdt.merge_updates(self._base, *(change.update for change in changes))

    @property
    def base(self) -> bytes:
        """The document as of the last content known to be in the file; empty when none is known."""
        return self._base if self._is_known else b""

    @property
    def mine(self) -> bytes:
        """The whole document as it is held."""
        return pycrdt.merge_updates(self._base, *(change.update for change in self._changes))

    def _add(self, update: bytes, is_own: bool, frame: int) -> None:
        self._count += 1
        self._changes.append(_Change(update, self._count, is_own, frame))

    def _saved(self, last: int, received: int) -> None:
        left, saved = list[_Change](), [self._base]
        for change in self._changes:
            if change.number <= last and (not change.is_own or 0 < change.frame <= received):
                saved.append(change.update)
            else:
                left.append(change)
        self._base = pycrdt.merge_updates(*saved)
        self._changes = left
        self._is_known = True
