"""Texts of few similar lines, which two sides take out, edit and move: each line stays once, or is gone for good.

Such lines tempt a merge: each could be what the other side has made of another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from jupyter_live.files.align.lines import merge_lines
from jupyter_live.files.align.versions import is_telling

Lines = list[str]
Left = dict[int, str]
"""Lines of a text that are still there, by their place in it."""

TEXTS = [
    ["<029😀>", "<030😀>", "<031>", ""],
    ["x = 10", "x = 12", "x = 1", ""],
    ["print(a)", "print(b)", "print(a, b)", "print(c)"],
    ["def f():", "    return 1", "    return 2", ""],
]
texts = pytest.mark.parametrize("text", TEXTS, ids=["tokens", "numbers", "calls", "returns"])


def merged(base: Lines, changed: Lines, live: Lines) -> Lines:
    result, at = Lines(), 0
    for start, end, lines in merge_lines(base, changed, live).changes:
        result += [*live[at:start], *lines]
        at = end
    return result + live[at:]


def some_of(text: Lines) -> Iterator[tuple[bool, ...]]:
    yield from product([True, False], repeat=len(text))


def moves_in(text: Lines) -> Iterator[Lines]:
    for source, target in product(range(len(text)), repeat=2):
        moved = [*text]
        moved.insert(target, moved.pop(source))
        if moved != text:
            yield moved


@texts
def test_lines_that_either_side_took_out_are_gone_and_all_others_stay(text: Lines) -> None:
    for mine, theirs in product(some_of(text), repeat=2):
        changed, live = ([line for line, stays in zip(text, side, strict=True) if stays] for side in (mine, theirs))
        expected = [line for line, *stays in zip(text, mine, theirs, strict=True) if all(stays)]
        assert merged(text, changed, live) == expected, f"{changed} into {live}"


@texts
@pytest.mark.parametrize("what", ["{}<{}>", "<{1}>{0}"], ids=["added to", "written before"])
def test_what_was_typed_into_a_line_is_there_whatever_else_went(text: Lines, what: str) -> None:
    """Each side types into one line, another one than the other side's, and takes out some."""

    def sides(name: str) -> Iterator[tuple[int, Left]]:
        for stays, place in product(some_of(text), range(len(text))):
            if stays[place] and text[place]:
                left = {k: line for k, line in enumerate(text) if stays[k]}
                yield place, left | {place: what.format(text[place], name)}

    for (here, mine), (there, theirs) in product(sides("mine"), sides("theirs")):
        if here != there:
            expected = [text[k] for k in mine.keys() & theirs.keys() - {here, there}] + [mine[here], theirs[there]]
            changed, live = [*mine.values()], [*theirs.values()]
            assert sorted(merged(text, changed, live)) == sorted(expected), f"{changed} into {live}"


@texts
def test_a_line_that_was_moved_is_there_once(text: Lines) -> None:
    """Also one that both sides have moved, or of which one side moved the neighbour."""
    for changed, live in product(moves_in(text), repeat=2):
        result = [line for line in merged(text, changed, live) if is_telling(line)]
        assert sorted(result) == sorted(filter(is_telling, text)), f"{changed} into {live}"


@texts
def test_a_line_that_was_moved_stays_where_others_went(text: Lines) -> None:
    for moved, stays in product(moves_in(text), some_of(text)):
        left = [line for line, is_left in zip(text, stays, strict=True) if is_left]
        for changed, live in ((moved, left), (left, moved)):
            result = merged(text, changed, live)
            assert sorted(filter(left.__contains__, result)) == sorted(left), f"{changed} into {live}"
            assert len({*result}) == len(result), f"{changed} into {live}"


@texts
def test_new_lines_that_both_put_in_are_there_once_in_whatever_order(text: Lines) -> None:
    """Who rewrites a text has what others have typed into it meanwhile, where a log is older than its file."""
    for changed in (["new line", "other one", "last"], ["other one", "new line"]):
        for first, second in product(range(len(text) + 1), repeat=2):
            live = [*text]
            live.insert(first, "new line")
            live.insert(second, "other one")
            result = merged(text, changed, live)
            assert sorted(result) == sorted(changed), f"{changed} into {live}"
