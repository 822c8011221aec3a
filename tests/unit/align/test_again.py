"""What several clients hand in of one history: the same new line is the same edit, wherever it is by now."""

from __future__ import annotations

import pycrdt
import pytest

from jupyter_live.files.align import merge

from .documents import Live, cell, notebook


def merged(base: str, changed: str, live: str, *, again: bool) -> str:
    doc: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    doc["source"] = text = pycrdt.Text(live)
    update = merge("file", base, changed, doc.get_update(), again=again).update
    if update:
        doc.apply_update(update)
    return str(text)


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ("a\nb\nc\nnew line\n", "a\nb\nc\nnew line\n"),
        ("a\nb\nc\nnew line, added to\n", "a\nb\nc\nnew line, added to\n"),
        ("a\nb\nc\n", "new line\na\nb\nc\n"),
    ],
    ids=["elsewhere", "elsewhere and longer", "not yet"],
)
def test_a_new_line_that_has_come_to_another_place_does_not_come_again(live: str, expected: str) -> None:
    assert merged("a\nb\nc\n", "new line\na\nb\nc\n", live, again=True) == expected


def test_a_new_line_that_has_come_to_another_place_is_edited_there() -> None:
    mine = "call(new line)\na\nb\nc\n"
    assert merged("a\nb\nc\n", mine, "a\nb\nc\nnew line\n", again=True) == "a\nb\nc\ncall(new line)\n"


def test_what_the_file_has_more_comes_in_any_case() -> None:
    assert merged("a\nb\n", "new line\na\nb\n", "a\nb\nnew line\n", again=False) == "new line\na\nb\nnew line\n"


def test_signs_and_short_words_come_in_any_case() -> None:
    assert merged("a\nb\n", "}\nx\na\nb\n", "a\nb\n}\nmax\n", again=True) == "}\nx\na\nb\n}\nmax\n"


def test_a_line_that_both_made_of_another_stays() -> None:
    assert merged("one two\na\n", "new\none\na\n", "one\na\n", again=True) == "new\none\na\n"


def test_a_new_cell_that_has_grown_since_does_not_come_again() -> None:
    base, grown = notebook(cell("a", "1")), notebook(cell("a", "1"), cell("random", "more = 0\nnew = 1"))
    live = Live(grown)
    live.merge(base, notebook(cell("a", "1"), cell("b", "new = 1"), cell("c", "other = 1")), again=True)
    assert live.sources == {"a": "1", "random": "more = 0\nnew = 1", "c": "other = 1"}


def test_a_new_cell_that_both_sides_have_changed_is_one_where_the_file_has_no_ids() -> None:
    changed = notebook(cell("a", "1"), cell("b", "new = 1\nmore = 2\nmine = 3"), minor=4)
    live = Live(notebook(cell("a", "1"), cell("random", "theirs = 0\nnew = 1\nmore = 2"), minor=4))
    live.merge(notebook(cell("a", "1"), minor=4), changed, again=True)
    assert live.sources == {"a": "1", "random": "theirs = 0\nnew = 1\nmore = 2\nmine = 3"}


def test_a_new_cell_is_not_taken_for_one_that_was_there_before() -> None:
    """Though all its characters are there, in order."""
    base = notebook(cell("a", "alpha one\nalpha two\nalpha three"), minor=4)
    mine = notebook(cell("new", "<055😀>"), cell("a", "alpha one\nalpha two\n<27>\nalpha three"), minor=4)
    live = Live(notebook(cell("b", "alpha one\nalpha <017>two<20>\n<25😀>\n<23😀>\nalpha three\n<054😀>"), minor=4))
    update = merge("notebook", base, mine, live.doc.get_update(), again=True).update
    assert update
    live.doc.apply_update(update)
    assert sorted(live.sources.values()) == [
        "<055😀>",
        "alpha one\nalpha <017>two<20>\n<25😀>\n<23😀>\n<27>\nalpha three\n<054😀>",
    ]


def test_it_is_another_one_where_it_has() -> None:
    changed = notebook(cell("a", "1"), cell("b", "new = 1\nmore = 2\nmine = 3"))
    live = Live(notebook(cell("a", "1"), cell("c", "theirs = 0\nnew = 1\nmore = 2")))
    live.merge(notebook(cell("a", "1")), changed, again=True)
    assert live.sources.keys() == {"a", "b", "c"}


def test_a_new_line_is_not_taken_for_one_that_has_come() -> None:
    """The client was cut before it was told that its first new line had been saved."""
    file = "one\nnew line\ntwo\n"
    assert merged("one\ntwo\n", "one\nnew line\nnew line, too\ntwo\n", file, again=True) == (
        "one\nnew line\nnew line, too\ntwo\n"
    )


def test_what_a_line_became_is_not_there_twice_when_it_was_moved() -> None:
    base, mine = "one\ntwo, edited\nthree\nfour\n", "one\ntwo, typed and edited\nthree\nfour\n"
    moved = "four\nthree\ntwo, typed and edited\none\n"
    assert merged(base, mine, moved, again=True) == moved


def test_what_a_line_became_stays_beside_what_another_one_made_of_it() -> None:
    base, mine = "one\ntwo, edited\nthree\n", "one\ntwo, typed and edited\nthree\n"
    assert merged(base, mine, "one\ntwo, edited\nthree\ntwo, typed and edited\n", again=True) == (
        "one\ntwo, typed and edited\nthree\ntwo, typed and edited\n"
    )


def test_what_a_line_seems_to_have_become_is_not_there_twice_when_it_was_put_in_beside_it() -> None:
    base, mine = "one\ntwo\n<000>\nthree", "one\nt<2>wo\n<056>\n<004>\n<007>\nthree"
    both = merged(base, mine, "one\ntwo\n<025>\n<004>\n<000>\n<007>\nthree", again=True)
    assert both == "one\nt<2>wo\n<025>\n<056>\n<004>\n<007>\nthree"


def test_what_has_come_is_left_out_of_what_a_line_became() -> None:
    mine, live = "one\nnew line\nquite another\nthree\n", "new line\none\nzwei\nthree\n"
    assert merged("one\ntwo\nthree\n", mine, live, again=True).count("new line") == 1
    assert "quite another" in merged("one\ntwo\nthree\n", mine, live, again=True)


def test_what_has_come_as_it_is_stays_as_it_is() -> None:
    """Also where a line is at another place than it was, among new ones."""
    base, both = "one\n<1>\nthree\nend\n", "one\nthree\n<1>\nth<2>ree\nend\n"
    assert merged(base, both, both, again=True) == both
    assert merged(base, both, both + "more\n", again=True) == both + "more\n"


def test_a_cell_is_the_equal_one_rather_than_one_like_what_it_was() -> None:
    """In a file without ids, where it has come before, and another cell is like what it was before it was edited."""
    base = notebook(cell("a", "one = 1"), cell("b", "call(1, 2)"), minor=4)
    mine = notebook(cell("a", "one = 1"), cell("b", "first()\ncall(1, 2)"), minor=4)
    live = Live(notebook(cell("x", "one = 1"), cell("y", "first()\ncall(1, 2)"), cell("z", "call(1, 3)"), minor=4))
    assert merge("notebook", base, mine, live.doc.get_update(), again=True).changed == 0
