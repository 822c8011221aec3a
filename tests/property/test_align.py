"""Whatever two sides do to a document, a merge keeps what both did, once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pycrdt
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_live.files import convert
from jupyter_live.files.align import merge

Notebook = dict[str, Any]
Deed = tuple[str, int, int]

few = settings(max_examples=150, deadline=None)
numbers = st.integers(0, 30)
line_deeds = st.lists(st.tuples(st.sampled_from(["insert", "delete", "change"]), numbers, numbers), max_size=6)
typing = st.lists(st.tuples(st.sampled_from(["insert", "type"]), numbers, numbers), max_size=5)
WORD = re.compile("<[^<>]*>")
cell_deeds = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "move", "line", "run", "tag", "duplicate"]), numbers, numbers),
    max_size=6,
)
sizes = st.integers(0, 9)
has_ids = st.booleans()


def text_of(size: int) -> list[str]:
    return [f"{n} = 'é😀'" for n in range(size)]


def work_on(lines: list[str], deeds: list[Deed], name: str, start: int = 0, end: int | None = None) -> list[str]:
    """The lines after the deeds of somebody, who works on those between `start` and `end`."""
    lines, rest = lines[start:end], lines[len(lines) if end is None else end :]
    before = text_of(start)
    for count, (deed, place, _) in enumerate(deeds):
        if deed == "insert" or not lines:
            lines.insert(place % (len(lines) + 1), f"{name} new {count} 👩‍👩‍👧")
        elif deed == "delete":
            del lines[place % len(lines)]
        else:
            lines[place % len(lines)] += f" {name} {count} 😀"
    return before + lines + rest


def typed(lines: list[str], deeds: list[Deed], name: str) -> list[str]:
    """The lines after somebody has put in lines, and words anywhere in lines."""
    lines = [*lines]
    for count, (deed, place, at) in enumerate(deeds):
        word = f"<{name}{count}😀>"
        if deed == "insert" or not lines:
            lines.insert(place % (len(lines) + 1), word)
        else:
            line = lines[place % len(lines)]
            cuts = [k for k in range(len(line) + 1) if not any(w.start() < k < w.end() for w in WORD.finditer(line))]
            cut = cuts[at % len(cuts)]
            lines[place % len(lines)] = line[:cut] + word + line[cut:]
    return lines


def notebook_of(size: int) -> Notebook:
    cells = [
        cell(f"id{n}", "\n".join([f"# cell {n}", *text_of(n % 4)]), "markdown" if n % 3 == 2 else "code")
        for n in range(size)
    ]
    return {
        "cells": cells,
        "metadata": {"kernelspec": {"name": "k", "display_name": "K"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cell(cell_id: str, source: str, cell_type: str = "code") -> Notebook:
    code: Notebook = {"execution_count": None, "outputs": []} if cell_type == "code" else {}
    return {"id": cell_id, "cell_type": cell_type, "source": source, "metadata": {}, **code}


def work_in(notebook: Notebook, deeds: list[Deed], name: str) -> Notebook:
    """The notebook after somebody's deeds."""
    cells = [dict(cell) for cell in notebook["cells"]]
    for count, (deed, place, other) in enumerate(deeds):
        where = place % (len(cells) + 1)
        if deed == "insert" or where == len(cells):
            cells.insert(where, cell(f"{name}{count}", f"{name} put in {count} 😀"))
        elif deed == "delete":
            del cells[where]
        elif deed == "move":
            moved = cells.pop(where)
            cells.insert(other % (len(cells) + 1), moved)
        elif deed == "line":
            lines = work_on(cells[where]["source"].split("\n"), [("change", other, 0)], f"{name}{count}")
            cells[where]["source"] = "\n".join(lines)
        elif deed == "tag":
            cells[where]["metadata"] = {**cells[where]["metadata"], "tags": [name]}
        elif deed == "run" and cells[where]["cell_type"] == "code":
            printed = {"output_type": "stream", "name": "stdout", "text": f"{name}{count}\n"}
            cells[where] |= {"execution_count": count, "outputs": [*cells[where]["outputs"], printed]}
        elif deed == "duplicate":
            cells.insert(where, {**cells[where], "id": f"{name}{count}"})
    return {**notebook, "cells": cells}


def read(value: Notebook, *, has_ids: bool) -> Notebook:
    """A notebook as it comes out of its file: one without ids gets other ones each time."""
    cells = value["cells"] if has_ids else [cell | {"id": str(uuid.uuid4())} for cell in value["cells"]]
    content: Notebook = convert.to_update("notebook", {**value, "cells": cells})[1].value
    return content


def update_of(doc_type: str, value: Any) -> bytes:
    return convert.to_update(doc_type, value)[0]


def value_of(doc_type: str, *updates: bytes | None) -> Any:
    return convert.to_content(doc_type, *(update for update in updates if update)).value


def whole(*updates: bytes | None) -> bytes:
    return pycrdt.merge_updates(*(update for update in updates if update))


def without_ids(notebook: Notebook) -> Notebook:
    return {**notebook, "cells": [{k: v for k, v in cell.items() if k != "id"} for cell in notebook["cells"]]}


def merged_text(base: list[str], changed: list[str], live: list[str]) -> str:
    update = update_of("file", "\n".join(live))
    merged = merge("file", "\n".join(base), "\n".join(changed), update)
    text: str = value_of("file", update, merged.update)
    return text


@few
@given(sizes, line_deeds, line_deeds)
def test_text_keeps_what_both_sides_did(size: int, mine: list[Deed], theirs: list[Deed]) -> None:
    base = text_of(size)
    changed, live = work_on(base, mine, "mine"), work_on(base, theirs, "theirs")
    text = merged_text(base, changed, live)
    for line in {*changed, *live} - {*base}:
        assert line in text.split("\n")
    for line in {*base} & {*changed} & {*live}:
        assert text.split("\n").count(line) == 1


@few
@given(sizes, line_deeds, line_deeds)
def test_text_identities(size: int, mine: list[Deed], theirs: list[Deed]) -> None:
    base = text_of(size)
    changed, live = work_on(base, mine, "mine"), work_on(base, theirs, "theirs")
    assert merged_text(base, base, live) == "\n".join(live)
    assert merged_text(base, changed, base) == "\n".join(changed)
    assert merged_text(base, changed, changed) == "\n".join(changed)


@few
@given(sizes, line_deeds, line_deeds)
def test_text_merged_again_is_the_same(size: int, mine: list[Deed], theirs: list[Deed]) -> None:
    base = text_of(size)
    changed, live = work_on(base, mine, "mine"), work_on(base, theirs, "theirs")
    text = merged_text(base, changed, live)
    assert merged_text(base, changed, text.split("\n") if text else []) == text


@few
@given(sizes, typing, typing)
def test_whoever_went_on_from_the_others_text_has_it_all(size: int, first: list[Deed], more: list[Deed]) -> None:
    base = text_of(size)
    known = typed(base, first, "a")
    whole = typed(known, more, "b")
    for changed, live in ((known, whole), (whole, known)):
        merged = merge("file", "\n".join(base), "\n".join(changed), update_of("file", "\n".join(live)))
        assert merged_text(base, changed, live) == "\n".join(whole)
        assert merged.conflicts == ()


@few
@given(sizes, line_deeds, line_deeds)
def test_edits_of_different_parts_of_a_text_are_both_there_whoever_merges(
    size: int, mine: list[Deed], theirs: list[Deed]
) -> None:
    base, middle = text_of(size + 3), (size + 3) // 2
    changed = work_on(base, mine, "mine", 0, middle)
    live = work_on(base, theirs, "theirs", middle + 1)
    both = changed[: len(changed) - (len(base) - middle)] + live[middle:]
    assert merged_text(base, changed, live) == merged_text(base, live, changed) == "\n".join(both)


@few
@given(sizes, cell_deeds, cell_deeds, has_ids)
def test_a_notebook_keeps_what_both_sides_did(size: int, mine: list[Deed], theirs: list[Deed], has_ids: bool) -> None:
    base = notebook_of(size)
    changed, live = work_in(base, mine, "mine"), work_in(base, theirs, "theirs")
    update = update_of("notebook", live)
    old, new = read(base, has_ids=has_ids), read(changed, has_ids=has_ids)
    merged = merge("notebook", old, new, update)
    cells = value_of("notebook", update, merged.update)["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    known = {line for cell in base["cells"] for line in cell["source"].split("\n")}
    text = "\n".join(cell["source"] for cell in cells)
    for side in (changed, live):
        assert all(line in text for cell in side["cells"] for line in cell["source"].split("\n") if line not in known)


@few
@given(sizes, cell_deeds, cell_deeds, has_ids)
def test_notebook_identities(size: int, mine: list[Deed], theirs: list[Deed], has_ids: bool) -> None:
    base = notebook_of(size)
    old, changed = read(base, has_ids=has_ids), read(work_in(base, mine, "mine"), has_ids=has_ids)
    live = update_of("notebook", work_in(base, theirs, "theirs"))
    assert merge("notebook", old, old, live).update is None
    update = update_of("notebook", base)
    merged = merge("notebook", old, changed, update)
    assert without_ids(value_of("notebook", update, merged.update)) == without_ids(changed)
    assert merged.conflicts == ()


@few
@given(sizes, cell_deeds, cell_deeds)
def test_a_notebook_merged_again_is_the_same(size: int, mine: list[Deed], theirs: list[Deed]) -> None:
    """With ids; without them, cells that are much alike may be taken for each other once people have edited them."""
    # One side's copy of a cell that the other side deleted would be taken for that cell the second time.
    mine, theirs = ([deed for deed in deeds if deed[0] != "duplicate"] for deeds in (mine, theirs))
    base = notebook_of(size)
    changed, live = work_in(base, mine, "mine"), work_in(base, theirs, "theirs")
    old, new, update = read(base, has_ids=True), read(changed, has_ids=True), update_of("notebook", live)
    merged = merge("notebook", old, new, update)
    again = merge("notebook", old, new, whole(update, merged.update))
    assert again.update is None
    assert not [conflict for conflict in again.conflicts if conflict.line and conflict.theirs and conflict.mine]


@few
@given(sizes, cell_deeds, numbers)
def test_what_others_do_meanwhile_in_cells_that_stay_is_kept(size: int, mine: list[Deed], place: int) -> None:
    base = notebook_of(size + 1)
    update = update_of("notebook", base)
    changed = work_in(base, [deed for deed in mine if deed[0] not in ("move", "delete")], "mine")
    merged = merge("notebook", read(base, has_ids=True), read(changed, has_ids=True), update)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(update)
    state = doc.get_state()
    cells: pycrdt.Array[Any] = doc.get("cells", type=pycrdt.Array)
    shared = cells[place % (size + 1)]
    shared["source"].insert(0, "meanwhile 😀\n")
    after = value_of("notebook", update, merged.update, doc.get_update(state))
    expected = read(changed, has_ids=True)
    for one in expected["cells"]:
        if one["id"] == shared["id"]:
            one["source"] = "meanwhile 😀\n" + one["source"]
    assert after == expected
