"""Moved cells."""

import random
from typing import Any

import pycrdt

from .documents import Live, cell, notebook

CELLS = {name: cell(name, f"source of {name}") for name in "abcdefghin"}


def ordered(names: str) -> object:
    return notebook(*(CELLS[name] for name in names))


def merged(base: str, changed: str, live: str) -> str:
    document = Live(ordered(live))
    document.merge(ordered(base), ordered(changed))
    assert all(CELLS[name]["source"] == source for name, source in document.sources.items())
    return "".join(document.sources)


def test_the_order_of_the_side_that_moved_cells_holds() -> None:
    assert merged("abcdef", "fbcdea", "abcdef") == "fbcdea"
    assert merged("abcdef", "abcdef", "fedcba") == "fedcba"
    assert merged("abcdef", "abcdef"[::-1], "abcdef") == "fedcba"


def test_moves_of_both_sides_are_both_there() -> None:
    assert merged("abcdef", "bcdefa", "fabcde") == "fbcdea"


def test_live_decides_about_a_cell_that_both_moved() -> None:
    assert merged("abcdef", "bacdef", "bcdefa") == "bcdefa"


def test_moves_that_were_merged_before_are_not_made_again() -> None:
    for base, changed, live in (("abcdefghi", "acdbefghi", "bcadefghi"), ("abcd", "cbda", "bcad")):
        once = merged(base, changed, live)
        assert merged(base, changed, once) == once


def test_a_cell_that_both_put_in_keeps_no_order_from_holding() -> None:
    assert merged("abcd", "dcnba", "abncd") == "dcnba"
    assert merged("abcd", "abncd", "dcnba") == "dcnba"
    assert merged("ab", "bna", "nab") == "bna"
    assert merged("abcd", "anbcd", "abcnd") == "abcnd"


def test_moved_put_in_and_deleted_at_once() -> None:
    assert merged("abcd", "dgbc", "abhcd") == "dgbhc"


def test_a_moved_cell_keeps_its_id_and_what_people_type() -> None:
    live = Live(ordered("abc"))
    live.cells[0]["source"].insert(0, "live ")
    live.cells[0]["execution_state"] = "busy"
    base, changed = ordered("abc"), notebook(CELLS["b"], CELLS["c"], cell("a", "source of a\nfile"))
    assert live.merge(base, changed).changed == 1
    assert live.sources == {"b": "source of b", "c": "source of c", "a": "live source of a\nfile"}
    assert live.cells[2]["execution_state"] == "busy"


def test_only_the_cells_that_must_move_do() -> None:
    live = Live(ordered("abcdefgh"))
    texts = {cell["id"]: cell["source"] for cell in live.cells}
    live.merge(ordered("abcdefgh"), ordered("hbcdefga"))
    for shared in live.cells:
        if shared["id"] not in "ah":
            texts[shared["id"]].insert(0, "!")
            assert str(shared["source"]).startswith("!")


def test_what_others_type_meanwhile_into_cells_that_stay_is_kept() -> None:
    live = Live(ordered("abcdefgh"))
    other: pycrdt.Doc[Any] = pycrdt.Doc()
    other.apply_update(live.doc.get_update())
    state = other.get_state()
    cells: pycrdt.Array[Any] = other.get("cells", type=pycrdt.Array)
    cells[4]["source"].insert(0, "typed ")
    live.merge(ordered("abcdefgh"), ordered("bcdaefgh"))
    live.doc.apply_update(other.get_update(state))
    assert live.sources["e"] == "typed source of e" and list(live.sources) == [*"bcdaefgh"]


def test_two_thousand_cells_are_put_into_any_order() -> None:
    cells = [cell(f"c{n}", f"x{n}") for n in range(2000)]
    shuffled = random.Random(0).sample(cells, len(cells))
    for order in (cells[::-1], shuffled):
        live = Live(notebook(*cells))
        live.merge(notebook(*cells), notebook(*order))
        assert list(live.sources) == [cell["id"] for cell in order]
