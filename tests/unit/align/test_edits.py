"""Edits are so small that what others do in the same line, and their cursors, stay."""

from typing import Any

import pycrdt
import pytest

from jupyter_live.files.align.text import apply, edited, merge_text

from .documents import Live


def deltas(before: str, after: str) -> list[dict[str, Any]]:
    """What an editor is told of the merge."""
    live = Live(before)
    seen: list[dict[str, Any]] = []
    text = live.text

    def see(event: Any) -> None:
        seen.extend(event.delta)

    subscription = text.observe(see)
    live.merge(before, after)
    text.unobserve(subscription)
    assert live.value == after
    return seen


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x = 1\ny = 2\n", "x = 1\ny = 23\n", [{"retain": 11}, {"insert": "3"}]),
        ("print(a, b)", "print(c, b)", [{"retain": 6}, {"delete": 1}, {"insert": "c"}]),
        ("a\nb\nc\n", "a\nc\n", [{"retain": 2}, {"delete": 2}]),
        ("a\nc", "a\nb\nc", [{"retain": 2}, {"insert": "b\n"}]),
        ("(a)", "(bc)", [{"delete": 3}, {"insert": "(bc)"}]),
        ("é😀 one", "é😀 two", [{"retain": 7}, {"delete": 3}, {"insert": "two"}]),
        ("total = 1024", "total = 1536", [{"retain": 8}, {"delete": 4}, {"insert": "1536"}]),  # not a digit of each
        ("a.read_text()", "a.write_text()", [{"retain": 2}, {"delete": 9}, {"insert": "write_text"}]),
        ("<1>", "<2><1>", [{"insert": "<2>"}]),
        ("<2><1>", "<1>", [{"delete": 3}]),
        ("f(a, b)", "f(a, a1, b)", [{"retain": 5}, {"insert": "a1, "}]),
        ("go", "gogo", [{"retain": 2}, {"insert": "go"}]),
        ("good", "goood", [{"retain": 3}, {"insert": "o"}]),
        (
            f"key = {'a' * 99}1{'b' * 99}",
            f"key = {'a' * 99}2{'b' * 99}",
            [{"retain": 105}, {"delete": 1}, {"insert": "2"}],
        ),
    ],
)
def test_only_what_differs_is_written(before: str, after: str, expected: list[dict[str, Any]]) -> None:
    assert deltas(before, after) == expected


def test_a_cursor_between_two_changes_of_one_line_stays() -> None:
    live = Live("alpha beta gamma delta\n")
    cursor = live.text.sticky_index(len("alpha beta"))
    live.merge("alpha beta gamma delta\n", "ALPHA beta gamma DELTA!\n")
    assert live.value == "ALPHA beta gamma DELTA!\n"
    assert cursor.get_index() == len("ALPHA beta")


def test_what_others_type_into_the_same_line_meanwhile_stays() -> None:
    live = Live("total = price * count\n")
    other: pycrdt.Doc[Any] = pycrdt.Doc()
    other.apply_update(live.doc.get_update())
    state = other.get_state()
    other.get("source", type=pycrdt.Text).insert(len("total = price"), "[0]")
    live.merge("total = price * count\n", "sum = price * number\n")
    live.doc.apply_update(other.get_update(state))
    assert live.value == "sum = price[0] * number\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("👩‍👩‍👧", "👩‍👩‍👦"),
        ("x👍🏻y", "x👍🏿y"),
        ("🇩🇪🇫🇷", "🇩🇪🇫🇮"),
        ("cafe\u0301", "cafe\u0300"),
        ("❤", "❤\ufe0f"),
        ("日本語の文", "日木語の丈"),
    ],
)
def test_no_character_of_people_is_cut(before: str, after: str) -> None:
    whole = {"👩‍👩‍👦", "👍🏿", "🇫🇮", "🇩🇪🇫🇮", "cafe\u0300", "❤\ufe0f", "木", "丈"}
    assert [edit.text for edit in merge_text(before, after, before).edits if edit.text not in whole] == []
    assert deltas(before, after)


def test_a_line_that_became_another_is_all_there_when_somebody_deletes_the_old_one_meanwhile() -> None:
    live = Live("top\n[old]\nend\n")
    other: pycrdt.Doc[Any] = pycrdt.Doc()
    other.apply_update(live.doc.get_update())
    state = other.get_state()
    del other.get("source", type=pycrdt.Text)[len("top\n") : len("top\n[old]\n")]
    live.merge("top\n[old]\nend\n", "top\n[new 😀]\nend\n")
    live.doc.apply_update(other.get_update(state))
    assert "[new 😀]" in str(live.value)


@pytest.mark.parametrize("line", ["<1>", "x = [1]", "f(1)"])
def test_what_is_put_in_beside_a_line_s_words_stays_when_somebody_deletes_those_meanwhile(line: str) -> None:
    live = Live(f"top\n{line}\nend\n")
    other: pycrdt.Doc[Any] = pycrdt.Doc()
    other.apply_update(live.doc.get_update())
    state = other.get_state()
    del other.get("source", type=pycrdt.Text)[len("top\n") : len(f"top\n{line}\n")]
    mine = line.replace("1", "23") + line
    live.merge(f"top\n{line}\nend\n", f"top\n{mine}\nend\n")
    live.doc.apply_update(other.get_update(state))
    assert str(live.value) == f"top\n{line.replace('1', '23')}end\n"


def test_very_many_changes_are_made_in_fewer_edits() -> None:
    before = "".join(f"{n} line 😀\n" for n in range(9000))
    after = before.replace("line", "row")
    edits = merge_text(before, after, before).edits
    assert len(edits) <= 2000 and edited(before, edits) == after
    live = Live(before)
    apply(live.text, before, edits)
    assert live.value == after
