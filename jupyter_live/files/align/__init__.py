"""A file that was changed outside, or a copy that was edited elsewhere, into the live document: three-way and granular.

Everything here works on throw-away documents made from snapshots, and may run in a worker thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pycrdt
from jupyter_ydoc import YNotebook, YUnicode, ydocs

from jupyter_live.errors import LiveError
from jupyter_live.files.align.brought import with_brought
from jupyter_live.files.align.cell import content
from jupyter_live.files.align.foreign import merge_foreign
from jupyter_live.files.align.notebook import NotebookMerge
from jupyter_live.files.align.text import apply, merge_text
from jupyter_live.files.align.versions import Clash
from jupyter_live.newdoc import new_doc


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed the same: both versions stay, where they are text.

    `cell` is the id of the cell in the live document, None in a text file and for a notebook's own metadata. `line` is
    where the kept pair begins after the merge, from 1; 0 when it is not about lines. `theirs` was live, and comes
    first, `mine` comes from the changed side; either is empty where that side had taken out what the other changed.
    """

    cell: str | None
    line: int
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Merged:
    """`update` are the edits as one update against the snapshot, None when there is nothing to do.

    `changed` counts the cells of a notebook, or the places in a text, that were changed. `ids` are what the live
    document calls the cells of the changed notebook, which may have other ids there or none.
    """

    update: bytes | None
    changed: int
    conflicts: tuple[Conflict, ...]
    ids: tuple[str, ...] = ()


def merge(
    doc_type: str,
    base: Any,
    changed: Any,
    live: bytes | Sequence[bytes],
    only: Collection[str] | None = None,
    *,
    again: bool = False,
) -> Merged:
    """Carry the difference between two contents over to a live document, given as its updates, or as a single one.

    Changes that live has already are not made again; with `again` also such as came to another place. `only` restricts
    a notebook's merge to the cells of these ids. Types other than notebooks and text are merged as `foreign.py` tells.
    Raises LiveError `file_changed` when they cannot be, `unsupported_type` for an unknown type.
    """
    model = ydocs.get(doc_type)
    if model is None:
        raise LiveError("unsupported_type", doc_type)
    before = [live] if isinstance(live, bytes) else live
    if not issubclass(model, YNotebook | YUnicode):
        return Merged(*merge_foreign(model, base, changed, before), ())
    doc = new_doc()
    for update in before:
        doc.apply_update(update)
    ids: tuple[str, ...] = ()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    with doc.transaction():
        if issubclass(model, YNotebook):
            count, conflicts, ids = _merge_notebook(doc, base, changed, only, again)
        else:
            count, conflicts = _merge_text(doc, base, changed, again)
    doc.unobserve(subscription)
    return Merged(updates[0] if updates else None, count, tuple(conflicts), ids)


def changed_cells(base: Any, mine: Any) -> list[str]:
    """The ids of the cells of notebook `mine` that differ from those of `base`, or that it lacks."""
    before = {cell.get("id"): content(cell) for cell in base["cells"]}
    return [cell["id"] for cell in mine["cells"] if "id" in cell and content(cell) != before.get(cell["id"])]


def moved(mine: Iterable[bytes], live: Iterable[bytes], ids: Iterable[str]) -> set[str]:
    """Those of the ids whose cell in `mine` is not the one that `live` has: edits of it do not show there.

    It was moved, that is deleted and made anew, or deleted. `mine` and `live` are the updates of two copies of the same
    history.
    """
    ours, theirs = new_doc(), new_doc()
    for update in live:
        theirs.apply_update(update)
    for update in mine:
        ours.apply_update(update)
        theirs.apply_update(update)  # cells that are new in mine are no other ones
    known, present = _identities(ours), _identities(theirs)
    return {cell_id for cell_id in ids if not known.get(cell_id, set()) <= present.get(cell_id, set())}


def _identities(doc: pycrdt.Doc[Any]) -> dict[str, set[str]]:
    """Which shared cells there are of each id, by what the engine calls them."""
    found: dict[str, set[str]] = {}
    cells = doc.get("cells", type=pycrdt.Array)
    with doc.transaction():
        for index, cell in enumerate(cells):
            if isinstance(cell, pycrdt.Map):
                item = cells.sticky_index(index, pycrdt.Assoc.AFTER).to_json()["item"]
                found.setdefault(str(cell.get("id")), set()).add(str(item))
    return found


def _merge_notebook(
    doc: pycrdt.Doc[Any], base: Any, changed: Any, only: Collection[str] | None, again: bool
) -> tuple[int, list[Conflict], tuple[str, ...]]:
    if base == changed:
        return 0, [], ()
    notebook = NotebookMerge(doc, base, changed, again=again or only is not None)
    if only is None:
        notebook.merge()
    else:
        notebook.merge_only(only)
    conflicts = [_conflict(cell_id, clash) for cell_id, clash in notebook.clashes]
    return len(notebook.touched), conflicts, tuple(notebook.ids)


def _merge_text(doc: pycrdt.Doc[Any], base: str, changed: str, again: bool) -> tuple[int, list[Conflict]]:
    text = doc.get("source", type=pycrdt.Text)
    live = str(text)
    if again:
        base, changed = with_brought(base, changed, live)
    merge = merge_text(base, changed, live)
    apply(text, live, merge.edits)
    return merge.places, [_conflict(None, clash) for clash in merge.clashes]


def _conflict(cell_id: str | None, clash: Clash) -> Conflict:
    return Conflict(cell_id, clash.line + 1, "\n".join(clash.theirs), "\n".join(clash.mine))
