"""Text, three-way by line."""

import pytest

from .documents import Live

LINES = "one\ntwo\nthree\nfour\nfive\n"


@pytest.mark.parametrize(
    ("base", "changed", "live", "merged"),
    [
        pytest.param(LINES, LINES, LINES + "more\n", LINES + "more\n", id="nothing changed outside"),
        pytest.param(LINES, "zero\n" + LINES, LINES + "six\n", "zero\n" + LINES + "six\n", id="both ends"),
        pytest.param("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", id="other lines"),
        pytest.param("a\nb", "A\nb", "a\nB", "A\nB", id="adjacent lines"),
        pytest.param("a\nb\nc", "a\nB\nc", "a\nb\nnew\nc", "a\nB\nnew\nc", id="a line put in after a changed one"),
        pytest.param("a\nb\nc", "a\nB\nc", "a\nnew\nb\nc", "a\nnew\nB\nc", id="a line put in before a changed one"),
        pytest.param("a\nb\nc", "A\nB\nC", "a\nnew\nb\nc", "A\nnew\nB\nC", id="a line put in among changed ones"),
        pytest.param("a\nb\nc\nd", "a\nd", "a\nb\nnew\nc\nd", "a\nnew\nd", id="a line put in among deleted ones"),
        pytest.param("a\nb", "a\nnew\nb", "a\nnew\nb", "a\nnew\nb", id="the same on both sides"),
        pytest.param("b", "x\nb", "x\nB", "x\nB", id="the same on both sides, and more by live"),
        pytest.param("b", "x\nB", "x\nb", "x\nB", id="the same on both sides, and more outside"),
        pytest.param("a\n", "a\nb\n", "a\nb\nc\n", "a\nb\nc\n", id="live has the lines and more"),
        pytest.param("a\n", "a\nb\nc\n", "a\nc\n", "a\nb\nc\n", id="outside has the lines and more"),
        pytest.param("x = 1", "x = 1, 2", "x = 1, 2, 3", "x = 1, 2, 3", id="live's line contains the other"),
        pytest.param("x = 1", "x = 1, 2, 3", "x = 1, 2", "x = 1, 2, 3", id="the line outside contains live's"),
        pytest.param(
            "u, v", "u, [t] v", "u, [t] v [o]", "u, [t] v [o]", id="live's line has the same put in, and more"
        ),
        pytest.param("u, v", "u [o], [t] v", "u, [t] v", "u [o], [t] v", id="outside has the same put in, and more"),
        pytest.param("alpha", "al<1>pha", "a<2>l<1>pha", "a<2>l<1>pha", id="the same put into a word, and more"),
        pytest.param("a b c", "a c", "a", "a", id="live has taken out the same, and more"),
        pytest.param("x = 10\nx = 12", "x = 10", "x = 12", "", id="each has taken out one of two that are alike"),
        pytest.param(
            "a\nb = 1\nc = 2", "c = 2\na\nb = 1", "a\nc = 2\nb = 1", "a\nc = 2\nb = 1", id="both have moved a line"
        ),
        pytest.param(
            "one\ntwo",
            "one x\ntwo y",
            "one x z\ntwo q\ntwo y",
            "one x z\ntwo q\ntwo y",
            id="neighbouring lines, and more",
        ),
        pytest.param(
            "alpha one", "a<3>lpha<2> one\n<1>", "alpha<2> one\n<1>", "a<3>lpha<2> one\n<1>", id="a line and the next"
        ),
        pytest.param(
            "b1\nb2", "u\nt\nb1\nb2", "t\nv\nb1\nb2", "u\nt\nv\nb1\nb2", id="lines put in around a shared one"
        ),
        pytest.param(
            "g", "g\n<26>\n<2>", "g\n<2><15>", "g\n<26>\n<2><15>", id="a line put in by both that grew in live"
        ),
        pytest.param(
            "g", "g\n<2><15>", "g\n<26>\n<2>", "g\n<26>\n<2><15>", id="a line put in by both that grew outside"
        ),
        pytest.param("x\nx\nx\nx", "x\nx\nx\nx\nx", "x\nx\ny\nx\nx", "x\nx\ny\nx\nx\nx", id="equal lines"),
        pytest.param("a", "a\nb\n", "a", "a\nb\n", id="a last line without end, added to"),
        pytest.param("a\nb\n", "a\nb", "a\nb\nc\n", "a\nb\nc", id="the last line's end taken away"),
        pytest.param("a\n", "a\nb\n", "a\nc", "a\nb\nc", id="a last line without end, in live"),
        pytest.param("a\nb", "a", "a\nb", "a", id="the last line taken away"),
        pytest.param("a\nb", "", "a\nb", "", id="all taken away"),
        pytest.param("", "a\nb\n", "", "a\nb\n", id="an empty text filled"),
        pytest.param("a\nb\nc", "b\nc", "a\nb", "b", id="the ends taken away"),
    ],
)
def test_changes_of_both_sides_are_there_once_and_without_conflict(
    base: str, changed: str, live: str, merged: str
) -> None:
    document = Live(live)
    result = document.merge(base, changed)
    assert document.value == merged
    assert not result.conflicts
    assert (result.update is None) == (result.changed == 0) == (live == merged)


@pytest.mark.parametrize(
    ("base", "changed", "live", "merged", "conflicts"),
    [
        pytest.param("a\nb\nc", "a\nB\nc", "a\nbb\nc", "a\nbb\nB\nc", [(2, "bb", "B")], id="one line"),
        pytest.param("a", "a\nb", "a\nc", "a\nc\nb", [(2, "c", "b")], id="lines put in at one place"),
        pytest.param("", "x", "y", "y\nx", [(1, "y", "x")], id="an empty text filled by both"),
        pytest.param(
            "a\nb\nc\nd",
            "a\nB1\nC1\nd",
            "a\nB2\nC2\nd",
            "a\nB2\nC2\nB1\nC1\nd",
            [(2, "B2\nC2", "B1\nC1")],
            id="a block",
        ),
        pytest.param(
            "a", "a\nx\nb\ny", "a\nx\nc\ny", "a\nx\nc\nb\ny", [(3, "c", "b")], id="blocks alike at their ends"
        ),
        pytest.param("a\nb\nc", "a\nB\nc", "a\nc", "a\nB\nc", [(2, "", "B")], id="a line that live had deleted"),
        pytest.param(
            "a\nb\nc", "a\nc", "a\nB\nc", "a\nB\nc", [(2, "B", "")], id="a deleted line that live had changed"
        ),
        pytest.param("x = 1", "x = 12", "x = 132", "x = 132\nx = 12", [(1, "x = 132", "x = 12")], id="numbers"),
        pytest.param("a b", "a [c] b", "a b [d]", "a b [d]\na [c] b", [(1, "a b [d]", "a [c] b")], id="two in a line"),
        pytest.param(
            "k",
            "k\nm\nshared\no",
            "k\nn\nshared\np",
            "k\nn\nm\nshared\np\no",
            [(2, "n", "m"), (5, "p", "o")],
            id="shared",
        ),
        pytest.param("1\n2\n3", "", "1\n2x\n3", "2x", [(1, "2x", "")], id="a block deleted around a changed line"),
        pytest.param(
            "a\nb\nc",
            "A\nb\nC",
            "a1\nnew\nb\nc1",
            "a1\nA\nnew\nb\nc1\nC",
            [(1, "a1", "A"), (5, "c1", "C")],
            id="two",
        ),
    ],
)
def test_where_both_sides_changed_the_same_lines_both_stay_and_it_is_told(
    base: str, changed: str, live: str, merged: str, conflicts: list[tuple[int, str, str]]
) -> None:
    document = Live(live)
    result = document.merge(base, changed)
    assert document.value == merged
    assert [(conflict.line, conflict.theirs, conflict.mine) for conflict in result.conflicts] == conflicts
    assert all(conflict.cell is None for conflict in result.conflicts)


def test_a_change_that_was_merged_before_is_not_merged_again() -> None:
    document = Live("one\ntwo\nTHREE\nfour\n\n\nend")
    base, changed = "one\ntwo\nthree\nfour\n\nend", "zero\none\ntwo\n3\nfour\n\nnew\nend"
    assert document.merge(base, changed).conflicts
    before = document.value
    again = document.merge(base, changed)
    assert (again.update, again.changed, again.conflicts) == (None, 0, ())
    assert document.value == before


def test_a_change_that_was_merged_before_is_not_merged_again_after_people_went_on() -> None:
    document = Live("one\ntwo\nthree\n")
    base, changed = "one\ntwo\nthree\n", "one\n2\nthree\n3.5\n"
    document.merge(base, changed)
    document.text.insert(0, "zero\n")
    document.text.insert(len(document.text), "end\n")
    assert document.merge(base, changed).update is None
    assert document.value == "zero\none\n2\nthree\n3.5\nend\n"


@pytest.mark.parametrize(
    ("base", "changed", "live", "merged"),
    [
        ("a\nb", "a\nx = 2\ny = 1\nb", "a\nx = 1\nb", "a\nx = 1\nx = 2\ny = 1\nb"),
        ("a\nb", "a\nx = 15\nb", "a\nx = 1\nb", "a\nx = 1\nx = 15\nb"),
        ("a\nb", "a\nmax = 1\nb", "a\nx = 1\nb", "a\nx = 1\nmax = 1\nb"),
        ("a\nb", "a\nmax\nb", "a\nx\nb", "a\nx\nmax\nb"),
        ("[1]", "[1] [33]\n[29] [38]", "[1]\n[28]", "[1] [33]\n[28]\n[29] [38]"),
        ("f(1)", "f", "f(12)", "f(12)\nf"),
    ],
)
def test_a_line_is_not_taken_for_another_one_that_has_its_letters(
    base: str, changed: str, live: str, merged: str
) -> None:
    document = Live(live)
    assert document.merge(base, changed).conflicts
    assert document.value == merged
