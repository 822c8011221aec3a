"""Three-way merge of a notebook into a live one: granular edits of the cells that stay, as few moves as can be."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

import pycrdt

from jupyter_live.files.align.cell import merge_cell, merge_metadata, put, shared_cell
from jupyter_live.files.align.matching import Cell, Matches, match, source
from jupyter_live.files.align.order import arrange
from jupyter_live.files.align.sequence import increasing
from jupyter_live.files.align.values import merge_keys
from jupyter_live.files.align.versions import Clash

# What the shared model has instead of no kernel and no language.
_BLANK: dict[str, Any] = {"kernelspec": {"name": "", "display_name": ""}, "language_info": {"name": ""}}
IDS = (4, 5)  # the version of the format from which on cells have ids
_VERSION = ("nbformat", "nbformat_minor")
_TOLD = {"kernelspec", "title", "authors"}  # metadata that people set


class NotebookMerge:
    """One merge into `doc`. `touched` are the cells that were changed; clashes come with the id of their cell."""

    def __init__(
        self, doc: pycrdt.Doc[Any], base: dict[str, Any], changed: dict[str, Any], *, again: bool = False
    ) -> None:
        self._again = again
        self._cells = doc.get("cells", type=pycrdt.Array)
        self._meta = doc.get("meta", type=pycrdt.Map)
        self._base_notebook, self._notebook = base, changed
        self._base: list[Cell] = base.get("cells", [])
        self._changed: list[Cell] = changed.get("cells", [])
        self._shared = list(self._cells)
        self._live: list[Cell] = [_plain(cell) for cell in self._shared]
        has_ids = (changed.get("nbformat", 4), changed.get("nbformat_minor", 5)) >= IDS
        self._matches = match(self._base, self._changed, self._live, again=again, has_ids=has_ids)
        self._origin = {c: b for b, c in self._matches.base_changed.items()}
        self._retyped: dict[int, Cell] = {}
        self.touched: set[int] = set()  # positions in live, or ~position in the changed notebook
        self.clashes: list[tuple[str | None, Clash]] = []
        self.ids = [str(cell.get("id")) for cell in self._changed]
        """What the live document calls the cells of the changed notebook."""
        for c, k in self._matches.changed_live.items():
            self.ids[c] = str(self._live[k].get("id"))

    def merge(self) -> None:
        self._edit_cells(self._matches.changed_live)
        returning = self._returning()
        added = {c for c in range(len(self._changed)) if c not in self._origin and c not in self._matches.changed_live}
        gone = self._gone()
        stay = [k for k in range(len(self._live)) if k not in gone]
        self.touched |= gone
        self._bring_back(returning)
        self._rearrange(arrange(self._matches, stay, added | returning, len(self._changed)))
        self._edit_metadata()

    def merge_only(self, ids: Collection[str]) -> None:
        """Merge nothing but the cells of these ids; those that are there stay where they are."""
        wanted = {c for c, cell in enumerate(self._changed) if cell.get("id") in ids}
        self._edit_cells({c: k for c, k in self._matches.changed_live.items() if c in wanted})
        returning = self._returning() & wanted
        self._bring_back(returning)
        matches = Matches({}, {}, self._matches.changed_live)
        self._rearrange(arrange(matches, range(len(self._live)), returning, len(self._changed)))

    def _edit_cells(self, pairs: dict[int, int]) -> None:
        for c, k in pairs.items():
            base = self._base[self._origin[c]] if c in self._origin else None
            live = self._live[k]
            result = merge_cell(self._shared[k], base, self._changed[c], live, again=self._again)
            self.clashes += [(live.get("id"), clash) for clash in result.clashes]
            if result.retyped is not None:
                self._retyped[k] = result.retyped
            if result.is_edit:
                self.touched.add(k)
                self._live[k] = _plain(self._shared[k])

    def _gone(self) -> set[int]:
        """The live cells that the changed notebook lacks. One that was edited meanwhile stays."""
        gone = set()
        for b, k in self._matches.base_live.items():
            if b not in self._matches.base_changed:
                live = self._live[k]
                if _has_same_text(self._base[b], live):
                    gone.add(k)
                else:
                    self.clashes.append((live.get("id"), Clash(0, [source(live)], [])))
        return gone

    def _returning(self) -> set[int]:
        """The changed cells that live has deleted, and that have been edited meanwhile."""
        return {
            c
            for b, c in self._matches.base_changed.items()
            if c not in self._matches.changed_live and not _has_same_text(self._base[b], self._changed[c])
        }

    def _bring_back(self, returning: set[int]) -> None:
        for c in returning:
            cell = self._changed[c]
            self.clashes.append((cell.get("id"), Clash(0, [], [source(cell)])))

    def _rearrange(self, order: Iterable[int]) -> None:
        """Delete, put in and move cells. Yjs has no move: a moved cell is deleted and made anew."""
        target = list(order)
        movable = [node for node in target if node >= 0 and node not in self._retyped]
        stay = {movable[k] for k in increasing(movable)}
        for start, end in _runs(k for k in range(len(self._live)) if k not in stay):
            del self._cells[start:end]
        ids = {self._live[node].get("id") for node in target if node >= 0}
        for index, node in enumerate(target):
            if node not in stay:
                self._cells.insert(index, self._made(node, ids))
                self.touched.add(node)

    def _made(self, node: int, ids: set[Any]) -> Any:
        if node >= 0:
            is_cell = isinstance(self._shared[node], pycrdt.Map)
            return shared_cell(self._retyped.get(node, self._live[node])) if is_cell else self._shared[node]
        cell = self._changed[~node]
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or cell_id in ids:
            cell_id = str(uuid.uuid4())
        ids.add(cell_id)
        self.ids[~node] = cell_id
        return shared_cell({**cell, "id": cell_id})

    def _edit_metadata(self) -> None:
        base, changed = self._base_notebook, self._notebook
        old, new = ({key: value[key] for key in _VERSION if key in value} for value in (base, changed))
        values, _ = merge_keys(old, new, self._meta.to_py() or {})
        put(self._meta, values)
        _, clashes = merge_metadata(self._meta, base.get("metadata", {}), changed.get("metadata", {}), _TOLD, _BLANK)
        self.clashes += [(None, clash) for clash in clashes]


def _plain(shared: Any) -> Cell:
    """A cell of the live notebook as JSON has it; empty when it is none."""
    return (shared.to_py() or {}) if isinstance(shared, pycrdt.Map) else {}


def _has_same_text(a: Cell, b: Cell) -> bool:
    """Whether nobody's typing would be lost with one of them."""
    return all((a.get(key) or None) == (b.get(key) or None) for key in ("cell_type", "source", "attachments"))


def _runs(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring positions as start and end, the last first."""
    runs: list[tuple[int, int]] = []
    for k in positions:
        if runs and runs[-1][1] == k:
            runs[-1] = runs[-1][0], k + 1
        else:
            runs.append((k, k + 1))
    return runs[::-1]
