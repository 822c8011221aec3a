"""An engine on y-py 0.6.2 (Yrs 0.12) for relay processes, which keep a replica and never look into it.

Upstream is abandoned, there are no wheels beyond Python 3.12, and what y-py lacks or does wrong is done in Python:

- It merges no updates, and tells of none what is missing: updates are read, merged and written by us (`pieces.py`,
  `union.py`).
- An update that waits is lost as soon as another comes that need not: it gets none that would have to (`ready.py`).
- It reads the lower 32 bits of a client id, and pycrdt makes ids of 53: it gets others (`labels.py`).
- What is written into a list or text that somebody has deleted meanwhile makes it panic ever after: it gets such pieces
  without content, and keeps deleted content, which is left out of what is encoded, but stays in memory until the
  replica goes (`graves.py`).
- Some bytes end the process: it gets only what has been read and written anew. That keeps out what is known, not what
  nobody has found yet: `YpyEngine.is_hardened` is False.

A replica belongs to the thread that made it, also to be dropped: y-py panics in any other. Which cells an update
displaces it cannot tell, as y-py has no relative positions: `displaced` stays empty. What looks into the document,
`put` and `is_doubled`, works, but y-py never frees a document that has been looked into: a relay does not.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, ClassVar

from jupyter_live.engine.folding import fold_onto
from jupyter_live.engine.strict import check_strictly
from jupyter_live.engine.updates import check_update, check_vector, deletes_within, read_vector, write_vector
from jupyter_live.engine.waiting import Waiting
from jupyter_live.engine.ypy.doc import YpyDoc, try_to_read
from jupyter_live.engine.ypy.pieces import Parts, read, write
from jupyter_live.engine.ypy.ready import lower, split
from jupyter_live.engine.ypy.spans import parted
from jupyter_live.engine.ypy.union import merge, union
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin


class YpyReplica:
    """A `Replica` on a document of y-py, which has what is integrated; what waits is kept beside it."""

    def __init__(self, doc_type: str = "") -> None:
        self.displaced: dict[str, dict[str, Any]] = {}
        self._is_notebook = doc_type == "notebook"
        self._is_doubled: bool | None = False  # None for not known
        self._doc = YpyDoc()
        self._known: dict[int, int] = {}  # the document's vector as of when what waits was last looked at
        self._missing: dict[int, int] = {}  # what it waits for
        # Not a circle, which would be dropped by whatever thread collects garbage.
        me = weakref.proxy(self)
        self._waiting = Waiting(merge, lambda row: me._still_waiting(row))

    @property
    def is_doubled(self) -> bool:
        if self._is_doubled is None:
            try:
                cells = self._doc.cells()
            except LiveError:
                cells = []
            ids = [str(cell["id"]) for cell in cells if isinstance(cell, dict) and "id" in cell]
            self._is_doubled = len({*ids}) < len(ids)
        return self._is_doubled

    def apply(self, update: bytes, origin: Origin) -> bool:
        if origin is Origin.MEMBER:
            self.check(update)
        else:
            check_update(update)
        return self._integrate(update)

    def check(self, update: bytes) -> bool:
        _check_member(update)
        self._waiting.check_room(update)
        return True

    def apply_together(self, updates: Sequence[bytes]) -> tuple[bytes, bool]:
        update = merge(updates)
        return update, self._integrate(update)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return merge(updates)

    def brings(self, update: bytes) -> bool:
        _check_member(update)
        rest = union([read(update)], self._known)
        return bool(rest.pieces) or not deletes_within(rest.deletes, self._doc.beyond(self._known).deletes)

    def state(self) -> bytes:
        return write_vector(self._known)

    def earlier(self) -> bytes:
        return self.state()

    def diff(self, state: bytes) -> bytes:
        check_vector(state)
        return write(union([self._doc.beyond(read_vector(state)), *map(read, self._waiting.rows())]))

    def snapshot(self) -> bytes:
        return self.diff(b"\x00")

    def put(self, values: dict[str, Any]) -> bytes | None:
        own = self._doc.put(values)
        if own is None:
            return None
        self._known = self._doc.vector()
        return write(own)

    def _integrate(self, update: bytes) -> bool:
        ready = split(union([read(update)], self._known), self._known)
        if ready.waits:
            try_to_read(ready.waits)
        changed = self._doc.take(ready.order, ready.deletes)
        is_news = bool(ready.waits) and self._waiting.add(write(ready.waits))
        lower(self._missing, ready.missing.items())
        if changed:
            self._follow()
        return is_news or changed

    def _follow(self) -> None:
        """Note what the document has now, and have it take what has waited for that."""
        if self._is_notebook:
            self._is_doubled = None
        known = self._doc.vector()
        if any(known.get(client, 0) > clock for client, clock in self._missing.items()):
            # Only now are deletes that waited done: until here `_known` keeps them from being taken for done.
            ready = split(union(map(read, self._waiting.rows()), known), known)
            self._missing = ready.missing
            self._doc.take(ready.order, ready.deletes)
            known = self._doc.vector()
        self._known = known

    def _still_waiting(self, row: bytes) -> bytes | None:
        parts = union([read(row)], self._known)
        _, later = parted(parts.deletes, self._known)
        rest = Parts(parts.pieces, later)
        return write(rest) if rest else None


class YpyEngine:
    """An `Engine` for relay processes that serve loopback only."""

    is_hardened: ClassVar[bool] = False

    def replica(self, doc_type: str = "") -> YpyReplica:
        return YpyReplica(doc_type)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return merge(updates)

    def lacking(self, updates: Sequence[bytes], state: bytes) -> bytes:
        for update in updates:
            _check_member(update)
        return write(union(map(read, updates), read_vector(state)))

    def fold(self, updates: Sequence[bytes]) -> bytes:
        return self.fold_onto([], updates)

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
        return fold_onto(YpyReplica(), before, updates)


def _check_member(update: bytes) -> None:
    check_update(update)
    check_strictly(update)
