"""A document of y-py that is spoken to in `Parts`, and never gets what it cannot stand."""

from __future__ import annotations

import secrets
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import y_py

from jupyter_live.engine.refusing import refusing
from jupyter_live.engine.updates import Ranges, read_vector, write_vector
from jupyter_live.engine.ypy.graves import Graves, without_deleted
from jupyter_live.engine.ypy.labels import Labels
from jupyter_live.engine.ypy.pieces import CLOCKS, Parts, Piece, read, write
from jupyter_live.engine.ypy.ready import split


class YpyDoc:
    """A `y_py.YDoc`, known by the ids of its clients: what has labels stays in here."""

    def __init__(self) -> None:
        self._own = secrets.randbits(32)
        self._labels = Labels([self._own])
        self._begin()

    def _begin(self) -> None:
        self._deleted = False  # by the update that is taken
        self._own_edit: bytes | None = None  # bytes while `put` edits: then the edit's update
        self._graves = Graves()
        self._doc = y_py.YDoc(client_id=self._labels.label_of[self._own], skip_gc=True)
        told = weakref.WeakMethod(self._on_change)  # else the document would keep itself in memory

        def tell(event: Any) -> None:
            if call := told():
                call(event)

        self._doc.observe_after_transaction(tell)

    def take(self, order: list[tuple[int, Piece]], deletes: Ranges) -> bool:
        """Integrate what is ready, as `split` has it; returns whether that changed anything.

        Raises LiveError `rejected_update` when the engine does not take it.
        """
        clients = {client for client, _ in order}
        if not self._labels.learn(clients):
            self._relabel(clients)
        ready = self._graves.buried(order, deletes)
        self._deleted = False
        if ready:
            self._give(ready)
        return bool(ready.pieces) or self._deleted

    def vector(self) -> dict[int, int]:
        """What is in here: client -> next clock."""
        labels = read_vector(y_py.encode_state_vector(self._doc))
        return {self._labels.id_of[label]: clock for label, clock in labels.items()}

    def beyond(self, known: Mapping[int, int]) -> Parts:
        """What is in here beyond a vector, without deleted content, and all that is deleted."""
        labels = self._labels.label_of
        vector = write_vector({labels[c]: min(clock, CLOCKS - 1) for c, clock in known.items() if c in labels})
        with refusing("malformed_frame"):
            update = y_py.encode_state_as_update(self._doc, vector)
        return without_deleted(read(update)).renamed(self._labels.id_of)

    def put(self, values: dict[str, Any]) -> Parts | None:
        """As `Replica.put`."""
        state = self._doc.get_map("state")
        new = {key: value for key, value in values.items() if key not in state or state[key] != value}
        if not new:
            return None
        self._own_edit = b""
        begun: Any = self._doc.begin_transaction()  # y-py's types of it are wrong
        with begun as transaction:
            for key, value in new.items():
                state.set(transaction, key, value)
        own, self._own_edit = self._own_edit, None
        return read(own).renamed(self._labels.id_of)

    def cells(self) -> list[Any]:
        """Copies of them: 60 ms for 2.5 MB.

        Raises LiveError `rejected_update` at keys that are not UTF-8.
        """
        with refusing("rejected_update"):
            return [*self._doc.get_array("cells")]

    def _relabel(self, clients: Iterable[int]) -> None:
        """Have the document anew, with other labels, and some for these clients."""
        whole = split(self.beyond({}), {})
        self._labels = self._labels.anew(clients)
        self._begin()
        self._give(self._graves.buried(whole.order, whole.deletes))

    def _give(self, parts: Parts) -> None:
        with refusing("rejected_update"):
            y_py.apply_update(self._doc, write(parts.renamed(self._labels.label_of)))

    def _on_change(self, event: y_py.AfterTransactionEvent) -> None:
        self._deleted = self._deleted or event.delete_set != b"\x00"
        if self._own_edit is not None:  # for updates of others it panics at times
            self._own_edit = event.get_update()


def try_to_read(parts: Parts) -> None:
    """Have the engine read what waits, in a document that is thrown away: what it refuses must not wait.

    Raises LiveError `rejected_update`.
    """
    with refusing("rejected_update"):
        y_py.apply_update(y_py.YDoc(), write(parts))
