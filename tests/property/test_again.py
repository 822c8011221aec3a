"""Several clients hand in their copies of a lost history: what they had in common comes once, and what each did too."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_live.files.align.brought import with_brought
from jupyter_live.files.align.text import edited, merge_text

Deeds = list[tuple[str, int]]

TEXTS = [
    ["alpha one", "alpha two", "beta one", "beta two", "gamma one"],
    ["x = 10", "x = 12", "y = 1", "z = 3"],
    ["def f():", "    return 1", "def g():", "    return 2"],
]
texts = st.sampled_from(TEXTS)
deeds = st.lists(st.tuples(st.sampled_from(["insert", "add", "put before"]), st.integers(0, 9)), max_size=4)
many = settings(max_examples=300, deadline=None)


def work_on(lines: list[str], deeds: Deeds, name: str) -> list[str]:
    lines = [*lines]
    for count, (deed, place) in enumerate(deeds):
        at = place % len(lines)
        match deed:
            case "insert":
                lines.insert(place % (len(lines) + 1), f"{name} new {count}")
            case "add":
                lines[at] += f" # {name}{count}"
            case _:
                lines[at] = f"{name}{count}({lines[at]}"
    return lines


def hand_in(base: list[str], mine: list[str], live: list[str]) -> list[str]:
    text = "\n".join(live)
    was, now = with_brought("\n".join(base), "\n".join(mine), text)
    return edited(text, merge_text(was, now, text).edits).split("\n")


@many
@given(texts, deeds, deeds)
def test_who_has_seen_what_another_one_did_brings_only_what_is_new(text: list[str], ada: Deeds, bob: Deeds) -> None:
    first = work_on(text, ada, "ada")
    second = work_on(first, bob, "bob")
    assert hand_in(text, second, hand_in(text, first, text)) == second


@many
@given(texts, deeds, deeds)
def test_who_comes_later_with_less_brings_nothing(text: list[str], ada: Deeds, bob: Deeds) -> None:
    first = work_on(text, ada, "ada")
    second = work_on(first, bob, "bob")
    assert hand_in(text, first, hand_in(text, second, text)) == second


@many
@given(texts, deeds, deeds, st.integers(0, 9))
def test_a_third_one_who_has_seen_the_first_alone_adds_what_it_did(
    text: list[str], ada: Deeds, bob: Deeds, place: int
) -> None:
    first = work_on(text, ada, "ada")
    second, third = work_on(first, bob, "bob"), work_on(first, [("insert", place)], "cid")
    result = hand_in(text, third, hand_in(text, second, hand_in(text, first, text)))
    assert sorted(result) == sorted([*second, "cid new 0"])
