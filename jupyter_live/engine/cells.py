"""The cells of a notebook: which an update takes away, and whether one is there twice.

Yjs has no move: whoever moves a cell deletes it and inserts a copy. What others typed into it since is gone with it,
unless somebody remembers what it was; and two who move it at once leave two copies.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

import pycrdt

from jupyter_live.engine.observing import observe
from jupyter_live.engine.updates import Ranges


class Item(NamedTuple):
    """Which item of the engine a cell is, and its id as of when it was put in."""

    client: int
    clock: int
    cell_id: str | None


NONE = Item(-1, -1, None)  # what is no cell, a client's mistake: nothing to remember


class Cells:
    """Knows which items of the engine the cells of `doc` are.

    To ask for one takes 100 us, 200 ms for 2,000 cells: so only what was put in is asked for, by `learn`.
    """

    def __init__(self, doc: pycrdt.Doc[Any]) -> None:
        self._doc = doc
        self._cells = doc.get("cells", type=pycrdt.Array)
        self._items: list[Item | Any] = []  # by position; what is not learnt yet is as the engine gave it
        self._is_new = False
        self._is_doubled: bool | None = False  # None for not known
        observe(self._cells, self, self._on_change)

    def learn(self) -> None:
        """To be called after each update; the engine cannot be asked from within."""
        if not self._is_new:
            return
        self._is_new = False
        with self._doc.transaction():
            for position, item in enumerate(self._items):
                if not isinstance(item, Item):
                    self._items[position] = self._learnt(position, item)

    @property
    def is_doubled(self) -> bool:
        """Whether two cells have one id."""
        if self._is_doubled is None:
            self.learn()
            ids = [item.cell_id for item in self._items if item.cell_id is not None]
            self._is_doubled = len(set(ids)) < len(ids)
        return self._is_doubled

    def within(self, deletes: Ranges) -> dict[str, dict[str, Any]]:
        """The cells, by id, that these deletes take away, as they are now."""
        self.learn()  # an update that failed half-way may have left some
        found = {}
        for position, item in enumerate(self._items if deletes else ()):
            if (ranges := deletes.get(item.client)) and _covers(ranges, item.clock):
                cell: dict[str, Any] = self._cells[position].to_py()
                found[str(cell.get("id"))] = cell
        return found

    def displaced(self, before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Those of the cells, as they were before, that are other ones now, with the same id."""
        if not before:
            return {}
        at = {item.cell_id: position for position, item in enumerate(self._items) if item.cell_id in before}
        return {cell_id: before[cell_id] for cell_id in at if self._cells[at[cell_id]].to_py() != before[cell_id]}

    def _learnt(self, position: int, cell: Any) -> Item:
        if not isinstance(cell, pycrdt.Map):
            return NONE
        item = self._cells.sticky_index(position, pycrdt.Assoc.AFTER).to_json()["item"]
        return Item(item["client"], item["clock"], str(cell.get("id")))

    def _on_change(self, event: Any) -> None:
        self._is_doubled = None
        position = 0
        for part in event.delta:
            if "insert" in part:
                self._items[position:position] = part["insert"]
                position += len(part["insert"])
                self._is_new = True
            elif "delete" in part:
                del self._items[position : position + part["delete"]]
            else:
                position += part["retain"]


def _covers(ranges: list[tuple[int, int]], clock: int) -> bool:
    """Whether a clock is in one of the ranges, which are (first, after the last) in ascending order."""
    at = bisect_right(ranges, (clock, 2**64)) - 1
    return at >= 0 and ranges[at][0] <= clock < ranges[at][1]
