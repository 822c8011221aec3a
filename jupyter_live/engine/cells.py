"""The cells that an update takes away from a notebook.

Yjs has no move: whoever moves a cell deletes it and inserts a copy, and what others typed into it since is gone with
it, unless somebody remembers what it was.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import pycrdt

from jupyter_live.engine.updates import Ranges


class Cells:
    """Knows which items of the engine the cells of `doc` are."""

    def __init__(self, doc: pycrdt.Doc[Any]) -> None:
        self._doc = doc
        self._cells = doc.get("cells", type=pycrdt.Array)
        self._items: list[tuple[int, int]] | None = None  # client and clock, by position; None when they have changed
        self._subscription = self._cells.observe(self._on_change)

    def within(self, deletes: Ranges) -> dict[str, dict[str, Any]]:
        """The cells, by id, that these deletes take away, as they are now."""
        found = {}
        for position, (client, clock) in enumerate(self._known() if deletes else ()):
            if (ranges := deletes.get(client)) and _covers(ranges, clock):
                cell: dict[str, Any] = self._cells[position].to_py()
                found[str(cell.get("id"))] = cell
        return found

    def displaced(self, before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Those of the cells, as they were before, that are other ones now, with the same id."""
        now = {str(cell.get("id")): cell for cell in self._cells if isinstance(cell, pycrdt.Map)} if before else {}
        return {cell_id: cell for cell_id, cell in before.items() if cell_id in now and now[cell_id].to_py() != cell}

    def _known(self) -> list[tuple[int, int]]:
        if self._items is None:
            self._items = []
            with self._doc.transaction():
                for position, cell in enumerate(self._cells):
                    if isinstance(cell, pycrdt.Map):
                        item = self._cells.sticky_index(position, pycrdt.Assoc.AFTER).to_json()["item"]
                        self._items.append((item["client"], item["clock"]))
                    else:
                        self._items.append((-1, -1))  # a client's mistake: nothing to remember
        return self._items

    def _on_change(self, event: Any) -> None:
        self._items = None


def _covers(ranges: list[tuple[int, int]], clock: int) -> bool:
    """Whether a clock is in one of the ranges, which are (first, after the last) in ascending order."""
    at = bisect_right(ranges, (clock, 2**64)) - 1
    return at >= 0 and ranges[at][0] <= clock < ranges[at][1]
