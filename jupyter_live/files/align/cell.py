"""Three-way merge of one cell, and cells as the shared model has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pycrdt

from jupyter_live.files.align.brought import SEARCHED, with_brought
from jupyter_live.files.align.grown import stands_in
from jupyter_live.files.align.lines import split
from jupyter_live.files.align.matching import Cell, source
from jupyter_live.files.align.outputs import apply_outputs, merge_outputs, shared_output
from jupyter_live.files.align.sequence import blocks
from jupyter_live.files.align.text import apply, edited, merge_text
from jupyter_live.files.align.values import ABSENT, merge_keys, merge_value, shown
from jupyter_live.files.align.versions import Clash

_OWN = {"id", "cell_type", "source", "outputs", "metadata", "execution_state"}  # what is not merged like any value
_UNSHARED = {"trusted"}  # metadata that Jupyter keeps beside the file
_TOLD = {"tags", "name", "slideshow"}  # metadata that people set; other keys are tools' own


@dataclass(slots=True)
class CellMerge:
    """What is to be done to a live cell. `retyped` is the cell that takes its place if its type changes."""

    is_edit: bool = False
    clashes: list[Clash] = field(default_factory=list)
    retyped: Cell | None = None


def merge_cell(
    shared: pycrdt.Map[Any], base: Cell | None, changed: Cell, live: Cell, *, again: bool = False
) -> CellMerge:
    """Carry base -> changed over to a live cell, in place. All of a cell without a base stays: both sides put it in.

    With `again` some of that may have come already, and to other places in the cell.
    """
    result = CellMerge()
    if base is None:
        changed = {**changed, "source": _new_to(source(live), source(changed))}
        base = {**changed, "source": _common(source(changed), source(live)), "outputs": [], "metadata": {}}
    elif again:
        was, now = with_brought(source(base), source(changed), source(live))
        base, changed = {**base, "source": was}, {**changed, "source": now}
    text = merge_text(source(base), source(changed), source(live))
    result.clashes += text.clashes
    if changed.get("cell_type") != base.get("cell_type") == live.get("cell_type"):
        result.is_edit = True
        metadata, _ = merge_value(base.get("metadata"), changed.get("metadata"), live.get("metadata"))
        text_now = edited(source(live), text.edits)
        result.retyped = {**changed, "id": live.get("id"), "source": text_now, "metadata": metadata}
        return result
    if text.edits:
        result.is_edit = True
        if isinstance(shared.get("source"), pycrdt.Text):
            apply(shared["source"], source(live), text.edits)
        else:
            shared["source"] = pycrdt.Text(edited(source(live), text.edits))
    outputs = live.get("outputs") or []
    merged = merge_outputs(base.get("outputs") or [], changed.get("outputs") or [], outputs)
    if merged != outputs and live.get("cell_type") == "code":
        result.is_edit = True
        if not isinstance(shared.get("outputs"), pycrdt.Array):
            shared["outputs"], outputs = pycrdt.Array(), []
        apply_outputs(shared["outputs"], outputs, merged)
        _trust_no_more_than(changed, shared)
    is_edit, clashes = merge_metadata(
        shared, _without(base.get("metadata"), _UNSHARED), _without(changed.get("metadata"), _UNSHARED), _TOLD
    )
    new, _ = merge_keys(*(_without(cell, _OWN) for cell in (base, changed, live)))
    put(shared, new)
    result.is_edit |= is_edit or bool(new)
    result.clashes += clashes
    return result


def merge_metadata(
    owner: pycrdt.Map[Any],
    base: dict[str, Any],
    changed: dict[str, Any],
    told: set[str],
    blank: dict[str, Any] | None = None,
) -> tuple[bool, list[Clash]]:
    """Merge `owner["metadata"]` in place. Live's value stays where both changed one; of the keys `told` that is told.

    `blank` are values that stand for no value.
    """
    blank = blank or {}
    shared = owner.get("metadata")
    values = shared.to_py() if isinstance(shared, pycrdt.Map) else shared
    values = values if isinstance(values, dict) else {}
    live = {key: value for key, value in values.items() if key not in blank or value != blank[key]}
    new, clashing = merge_keys(base, changed, live)
    if new and not isinstance(shared, pycrdt.Map):
        owner["metadata"] = pycrdt.Map(values)
        shared = owner["metadata"]
    put(shared, {key: blank.get(key, ABSENT) if value is ABSENT else value for key, value in new.items()})
    return bool(new), [Clash(-1, [shown(key, live)], [shown(key, changed)]) for key in clashing if key in told]


def content(cell: Cell) -> Cell:
    """What counts as content: not the id, not whether it runs, not whether it is trusted."""
    values = _without(cell, {"id", "execution_state"})
    return {**values, "metadata": _without(values.get("metadata"), _UNSHARED)}


def put(shared: Any, values: dict[str, Any]) -> None:
    """Set the values in a shared map, or take them out of it."""
    for key, value in values.items():
        if value is ABSENT:
            del shared[key]
        else:
            shared[key] = value


def shared_cell(cell: Cell) -> pycrdt.Map[Any]:
    """A new cell as the shared model has it."""
    values = {**cell, "source": pycrdt.Text(source(cell)), "metadata": pycrdt.Map(cell.get("metadata") or {})}
    if cell.get("cell_type") == "code":
        values["outputs"] = pycrdt.Array([shared_output(output) for output in cell.get("outputs") or []])
        values.setdefault("execution_count", None)
        values.setdefault("execution_state", "idle")
    elif not values.get("attachments", True):
        del values["attachments"]
    return pycrdt.Map(values)


def _trust_no_more_than(changed: Cell, shared: pycrdt.Map[Any]) -> None:
    """Outputs that come from outside can run scripts: a cell that gets some is trusted only as they are."""
    metadata = shared.get("metadata")
    if isinstance(metadata, pycrdt.Map) and metadata.get("trusted") and not _is_trusted(changed):
        metadata["trusted"] = False


def _is_trusted(cell: Cell) -> bool:
    return bool((cell.get("metadata") or {}).get("trusted"))


def _new_to(live: str, changed: str) -> str:
    """The lines that both texts have in common, and those of `changed` that are nowhere in `live`.

    Without a base nothing tells a line that was put in from one that was moved: what is there is there, and not twice.
    """
    theirs, mine = split(live), split(changed)
    both = {m + n for _, m, size in blocks(theirs, mine) for n in range(size)}
    known, added_to = set(theirs), live if len(live) < SEARCHED else ""

    def is_new(line: str) -> bool:
        return bool(line.strip()) and line not in known and not stands_in(added_to, line.strip())

    return "\n".join(line for k, line in enumerate(mine) if k in both or is_new(line))


def _common(a: str, b: str) -> str:
    """The lines that two texts have in common."""
    lines = split(a)
    return "\n".join(lines[k + n] for k, _, size in blocks(lines, split(b)) for n in range(size))


def _without(values: Any, keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys} if isinstance(values, dict) else {}
