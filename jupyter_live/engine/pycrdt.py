"""The engine on pycrdt (Yrs). Every call holds the GIL, so that a long one stalls the event loop from any thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pycrdt

from jupyter_live.engine.cells import Cells
from jupyter_live.engine.folding import fold_onto
from jupyter_live.engine.keystrokes import joined, match_keystroke
from jupyter_live.engine.observing import observe
from jupyter_live.engine.refusing import refusing
from jupyter_live.engine.runs import FEW, PENDING, Runs
from jupyter_live.engine.strict import check_strictly
from jupyter_live.engine.updates import (
    NOTHING,
    check_update,
    check_vector,
    deletes_within,
    missing_deletes,
    read_deletes,
)
from jupyter_live.engine.waiting import Waiting
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin
from jupyter_live.newdoc import new_doc

# merge_updates is quadratic in the number of updates: 20,000 at once take 2.9 s, by 500 0.24 s
MERGE_AT_ONCE = 500

ONE_CHANGE = 64 * 1024  # bytes; a larger update of another process is hardly one in which somebody moves a cell


class PycrdtReplica:
    """A `Replica` on a `pycrdt.Doc`."""

    def __init__(self, doc_type: str = "") -> None:
        self.displaced: dict[str, dict[str, Any]] = {}
        self._doc = new_doc()
        self._cells = Cells(self._doc) if doc_type == "notebook" else None
        self._changed = False
        self._own_edit: bytes | None = None  # bytes while `put` edits: then the edit's update
        self._vector: bytes | None = None
        self._waiting = Waiting(merge, self._still_waiting)
        self._runs = Runs(self._doc.client_id)
        observe(self._doc, self, self._on_change)

    @property
    def is_doubled(self) -> bool:
        return self._cells is not None and self._cells.is_doubled

    def apply(self, update: bytes, origin: Origin) -> bool:
        taken: dict[str, dict[str, Any]] = {}
        if origin is Origin.MEMBER:
            taken = self._check(update)
        else:
            check_update(update)
            if origin is Origin.RELAY and len(update) <= ONE_CHANGE:
                taken = self._taken(update, check_strictly(update))
        changed = self._integrate(update, origin)
        self.displaced = self._cells.displaced(taken) if self._cells else {}
        return changed

    def check(self, update: bytes) -> bool:
        if match_keystroke(update):
            self._waiting.check_room(update)
            return True
        return not self._check(update)

    def apply_together(self, updates: Sequence[bytes]) -> tuple[bytes, bool]:
        update = self.merge(updates)
        is_few = len(updates) <= FEW
        if is_few and all([self._runs.goes_on(each) for each in updates]):
            self._runs.pending.extend(updates)
            if len(self._runs.pending) >= PENDING:
                self._settle()
            return update, True
        changed = self._integrate(update, Origin.MEMBER)
        if not self._waiting.is_empty:
            self._runs.forget_all()  # what is released one day is of clients that this is not told of
        elif changed and is_few:
            self._runs.learn(updates, self.earlier())
        return update, changed

    def merge(self, updates: Sequence[bytes]) -> bytes:
        with refusing("rejected_update"):  # of 50 keystrokes one costs 4 us this way, by itself 40 us
            return merge(updates)

    def _check(self, update: bytes) -> dict[str, dict[str, Any]]:
        """Refuse what a member must not send; returns the cells that the update takes away, as they are now."""
        check_update(update)
        deletes = check_strictly(update)
        self._waiting.check_room(update)
        return self._taken(update, deletes)

    def _taken(self, update: bytes, deletes: int) -> dict[str, dict[str, Any]]:
        """The cells that an update takes away, whose deletes begin at an offset."""
        if self._cells and update[deletes]:  # there are some
            self._settle()
            return self._cells.within(read_deletes(update, deletes))
        return {}

    def _settle(self) -> None:
        """Integrate what has been accepted as text that goes on. To be called by whoever looks into the document."""
        if not (pending := self._runs.pending):
            return
        try:
            with refusing("rejected_update"), self._doc.transaction(origin=Origin.MEMBER.value):
                self._doc.apply_update(merge(pending))
        except LiveError as error:  # nobody can be refused it any more
            raise RuntimeError(f"text that goes on is not integrated: {error}") from error
        pending.clear()

    def _integrate(self, update: bytes, origin: Origin) -> bool:
        self._settle()
        self._runs.forget(update)
        self._changed = False
        # Without an origin, an undo manager of jupyter_ydoc would keep 456 bytes per keystroke for ever.
        with refusing("rejected_update"), self._doc.transaction(origin=origin.value):
            self._doc.apply_update(update)
        if self._cells:
            self._cells.learn()
        if origin is Origin.FILE:  # made from this document or for an empty one: nothing is missing; to look takes as
            return self._changed  # long as to apply it, 25 ms for 10 MB of text
        return self._waiting.add(update) or self._changed

    def brings(self, update: bytes) -> bool:
        check_update(update)
        check_strictly(update)
        with refusing("rejected_update"):
            rest = pycrdt.get_update(update, self.state())
        if rest == NOTHING or rest[0] != 0:
            return rest != NOTHING
        return not deletes_within(read_deletes(rest), read_deletes(self._doc.get_update(self.state())))

    def earlier(self) -> bytes:
        if self._vector is None:
            self._vector = self._doc.get_state()
        return self._vector

    def state(self) -> bytes:
        self._settle()
        return self.earlier()

    def diff(self, state: bytes) -> bytes:
        check_vector(state)
        self._settle()
        with refusing("malformed_frame"):
            update = self._doc.get_update(state)
        waiting = self._waiting.rows()
        return merge([update, *waiting]) if waiting else update

    def snapshot(self) -> bytes:
        return self.diff(b"\x00")

    def put(self, values: dict[str, Any]) -> bytes | None:
        self._settle()
        state = self._doc.get("state", type=pycrdt.Map)
        new = {key: value for key, value in values.items() if key not in state or state[key] != value}
        if not new:
            return None
        self._own_edit = b""
        with self._doc.transaction(origin=Origin.SERVER.value):
            for key, value in new.items():
                state[key] = value
        own, self._own_edit = self._own_edit, None
        return own

    def _on_change(self, event: pycrdt.TransactionEvent) -> None:
        self._changed = True
        self._vector = None
        if self._own_edit is not None:  # nobody sent us these bytes
            self._own_edit = event.update

    def _still_waiting(self, update: bytes) -> bytes | None:
        """The part of an applied `update` that has not been integrated, for want of one that comes before it."""
        rest = pycrdt.get_update(update, self.state())
        if rest == NOTHING or (rest[0] == 0 and not missing_deletes(rest, self.state())):
            return None
        return rest


def merge(updates: Sequence[bytes]) -> bytes:
    """One update that equals all of `updates`; nothing is dropped, waiting or not."""
    rows = joined(updates) if len(updates) > 1 else list(updates)
    while len(rows) > 1:
        rows = [pycrdt.merge_updates(*rows[i : i + MERGE_AT_ONCE]) for i in range(0, len(rows), MERGE_AT_ONCE)]
    return rows[0]


class PycrdtEngine:
    """The default `Engine`."""

    is_hardened: ClassVar[bool] = True

    def replica(self, doc_type: str = "") -> PycrdtReplica:
        return PycrdtReplica(doc_type)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return merge(updates)

    def lacking(self, updates: Sequence[bytes], state: bytes) -> bytes:
        for update in updates:
            check_update(update)
            check_strictly(update)
        with refusing("rejected_update"):
            return pycrdt.get_update(merge(updates), state)

    def fold(self, updates: Sequence[bytes]) -> bytes:
        return self.fold_onto([], updates)

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
        return fold_onto(PycrdtReplica(), before, updates)
