"""Matching two sequences."""

import random

import pytest

from jupyter_live.files.align import sequence
from jupyter_live.files.align.sequence import blocks, common_length, increasing


def longest(a: list[int], b: list[int]) -> int:
    """The textbook's table."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = row
        row = [0]
        for j, y in enumerate(b):
            row.append(before[j] + 1 if x == y else max(before[j + 1], row[j]))
    return row[-1]


def some(chance: random.Random, kinds: int, most: int) -> list[int]:
    return [chance.randrange(kinds) for _ in range(chance.randrange(most))]


def check(a: list[int], b: list[int]) -> int:
    """Blocks are equal, in order and do not overlap; returns how much they cover."""
    i = j = 0
    for block in blocks(a, b):
        assert block.a_start >= i and block.b_start >= j and block.size
        i, j = block.a_start + block.size, block.b_start + block.size
        assert a[block.a_start : i] == b[block.b_start : j]
    assert i <= len(a) and j <= len(b)
    return sum(block.size for block in blocks(a, b))


@pytest.mark.parametrize("kinds", [1, 2, 3, 8, 100])
def test_blocks_are_common_to_both_and_lengths_are_those_of_the_textbook(kinds: int) -> None:
    chance = random.Random(kinds)
    for _ in range(400):
        a, b = some(chance, kinds, 30), some(chance, kinds, 30)
        check(a, b)
        assert common_length(a, b) == longest(a, b)


def test_gaps_too_large_for_an_exact_answer_are_matched_window_by_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "AREA", 30)
    monkeypatch.setattr(sequence, "WINDOWS", (4, 8))
    chance = random.Random(0)
    for _ in range(400):
        check(some(chance, 3, 60), some(chance, 3, 60))
    a = [0] * 300
    b = [0] * 100 + [1] + [0] * 100 + [2, 3] + [0] * 100
    assert check(a, b) >= 290


def test_what_was_changed_among_equals_stands_where_it_stood() -> None:
    a = ["x"] * 1000
    b = [*a]
    for k in (100, 400, 401, 800):
        b[k] = f"y{k}"
    assert [(i, size) for i, j, size in blocks(a, b) if i == j] == [(0, 100), (101, 299), (402, 398), (801, 199)]


def test_items_that_are_unique_on_both_sides_are_matched_rather_than_more_that_are_not() -> None:
    a = ["", "one", "", "two", ""]
    b = ["two", "", "", "", "three"]
    assert any(a[i] == "two" for i, _, size in blocks(a, b) for i in range(i, i + size))


def test_a_longest_increasing_subsequence_is_found() -> None:
    assert increasing([]) == []
    assert increasing([3, 1, 2, 5, 4]) in ([1, 2, 3], [1, 2, 4])
    assert increasing(range(100, 0, -1)) in [[k] for k in range(100)]
    chance = random.Random(1)
    for _ in range(100):
        values = some(chance, 20, 20)
        found = [values[k] for k in increasing(values)]
        assert found == sorted(set(found)) and len(found) == longest(values, sorted(set(values)))
