"""What two sequences have in common, in order.

Near linear, and in pure Python: no long call keeps other threads waiting.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

DEPTH = 12  # how often gaps between anchors are searched for anchors again
AREA = 500_000_000  # pairs of items that are compared exactly (bit by bit: 0.1 s)
WINDOWS = (64, 1024)  # items looked at together where a gap is larger; more of them where few are equal
STEP = 1 << 16  # items compared in one call


class Block(NamedTuple):
    """`a[a_start : a_start + size] == b[b_start : b_start + size]`."""

    a_start: int
    b_start: int
    size: int


class Gap(NamedTuple):
    """What lies between two blocks: `a[a_start:a_end]` became `b[b_start:b_end]`."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


def blocks(a: Sequence[Any], b: Sequence[Any]) -> list[Block]:
    """What is common to both, in order. Items that are unique in both are matched first: they mean most to people."""
    found: list[Block] = []
    for block in _common(a, b, Gap(0, len(a), 0, len(b)), DEPTH):
        last = found[-1] if found else Block(0, 0, 0)
        if (last.a_start + last.size, last.b_start + last.size) == (block.a_start, block.b_start) and found:
            found[-1] = Block(last.a_start, last.b_start, last.size + block.size)
        elif block.size:
            found.append(block)
    return found


def gaps(a: Sequence[Any], b: Sequence[Any]) -> Iterator[Gap]:
    """What is not common to both, in order."""
    i = j = 0
    for block in [*blocks(a, b), Block(len(a), len(b), 0)]:
        if (i, j) != (block.a_start, block.b_start):
            yield Gap(i, block.a_start, j, block.b_start)
        i, j = block.a_start + block.size, block.b_start + block.size


def prefix(a: Sequence[Any], b: Sequence[Any], i: int = 0, j: int = 0) -> int:
    """How many items are equal from `a[i]` and `b[j]` on."""
    start, end, step = i, min(len(a), i + len(b) - j), 1
    while i < end:
        stop = min(i + step, end)
        if a[i:stop] == b[j : j + stop - i]:
            i, j, step = stop, j + stop - i, min(2 * step, STEP)
        elif stop == i + 1:
            break
        else:
            step = (stop - i) // 2
    return i - start


def suffix(a: Sequence[Any], b: Sequence[Any], most: int) -> int:
    """How many items, at most `most`, are equal at the end."""
    size, step = 0, 1
    while size < most:
        more = min(step, most - size)
        i, j = len(a) - size, len(b) - size
        if a[i - more : i] == b[j - more : j]:
            size, step = size + more, min(2 * step, STEP)
        elif more == 1:
            break
        else:
            step = more // 2
    return size


def increasing(values: Sequence[int]) -> list[int]:
    """The positions of a longest increasing subsequence."""
    ends: list[int] = []  # the smallest value that ends a subsequence of each length
    at: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        length = bisect_left(ends, value)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        at[length : length + 1] = [position]
    found = []
    position = at[-1] if at else -1
    while position >= 0:
        found.append(position)
        position = before[position]
    return found[::-1]


def common_length(a: Sequence[Any], b: Sequence[Any]) -> int | None:
    """The length of a longest common subsequence; None where finding it would take too long."""
    head = prefix(a, b)
    tail = suffix(a, b, min(len(a), len(b)) - head)
    a, b = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(a) * len(b) > AREA:
        return None
    row = full = (1 << len(a)) - 1
    places = _places(a, b)
    for item in b:
        row = _next_row(row, places.get(item, 0), full)
    return head + tail + len(a) - row.bit_count()


def _common(a: Sequence[Any], b: Sequence[Any], gap: Gap, depth: int) -> Iterator[Block]:
    i, end, j, stop = gap
    head = prefix(a[i:end], b[j:stop])
    tail = suffix(a[i:end], b[j:stop], min(end - i, stop - j) - head)
    yield Block(i, j, head)
    i, j, end, stop = i + head, j + head, end - tail, stop - tail
    if i < end and j < stop:
        anchors = _anchors(a, b, Gap(i, end, j, stop)) if depth else []
        if not anchors:
            yield from _exact(a, b, Gap(i, end, j, stop))
        for k, m in [*anchors, (end, stop)] if anchors else []:
            if i < k and j < m:
                yield from _common(a, b, Gap(i, k, j, m), depth - 1)
            if k < end:
                yield Block(k, m, 1)
            i, j = k + 1, m + 1
    yield Block(end, stop, tail)


def _anchors(a: Sequence[Any], b: Sequence[Any], gap: Gap) -> list[tuple[int, int]]:
    """Pairs of items that are unique in the gap on both sides, as many as are in the same order."""
    ours, theirs = unique(a, gap.a_start, gap.a_end), unique(b, gap.b_start, gap.b_end)
    pairs = [(k, theirs[item]) for item, k in ours.items() if item in theirs]
    return [pairs[n] for n in increasing([m for _, m in pairs])]


def unique(items: Sequence[Any], start: int, end: int) -> dict[Any, int]:
    """The items that occur once between `start` and `end`, and where, in order."""
    seen: dict[Any, int] = {}
    for k in range(start, end):
        item = items[k]
        seen[item] = -1 if item in seen else k
    return {item: k for item, k in seen.items() if k >= 0}


def _exact(a: Sequence[Any], b: Sequence[Any], gap: Gap) -> Iterator[Block]:
    """A longest common subsequence; of a very large gap, of one window after the other."""
    i, end, j, stop = gap
    while i < end and j < stop:
        if (end - i) * (stop - j) <= AREA:
            yield from (Block(i + k, j + m, 1) for k, m in _longest(a[i:end], b[j:stop]))
            return
        for window in WINDOWS:
            pairs = _longest(a[i : min(i + window, end)], b[j : min(j + window, stop)])
            if len(pairs) >= window // 2:
                break
        k = m = 0
        for k, m in pairs:
            yield Block(i + k, j + m, 1)
            if max(k, m) >= window // 2:  # what comes after knows too little of what follows the window
                break
        else:
            k, m = max(k, window // 2), max(m, window // 2)
        i, j = i + k + 1, j + m + 1
        size = max(0, min(prefix(a, b, i, j), end - i, stop - j))
        yield Block(i, j, size)
        i, j = i + size, j + size


def _longest(a: Sequence[Any], b: Sequence[Any]) -> list[tuple[int, int]]:
    """The pairs of a longest common subsequence.

    The table of lengths is kept as bits: bit i of row j is 0 where b[:j] has one more in common with a[: i + 1] than
    with a[:i]. Every so many rows are kept, the others are made again on the way back.
    """
    places = _places(a, b)
    full = (1 << len(a)) - 1
    every = max(16, int(len(b) ** 0.5))
    row, kept = full, [full]
    for j, item in enumerate(b, 1):
        row = _next_row(row, places.get(item, 0), full)
        if j % every == 0:
            kept.append(row)
    pairs: list[tuple[int, int]] = []
    i, j = len(a), len(b)
    length = i - row.bit_count()
    rows: list[int] = []
    first = j + 1  # the row that `rows` begins with
    while length:
        if j - 1 < first:
            first = (j - 1) // every * every
            rows = [kept[first // every]]
            for item in b[first:j]:
                rows.append(_next_row(rows[-1], places.get(item, 0), full))
        if a[i - 1] == b[j - 1]:
            i, j, length = i - 1, j - 1, length - 1
            pairs.append((i, j))
        elif not rows[j - first] >> (i - 1) & 1:
            j -= 1
        else:
            # Both one back where that loses nothing: a line that was changed stands where it stood.
            above = rows[j - 1 - first] & ((1 << (i - 1)) - 1)
            j -= i - 1 - above.bit_count() == length
            i -= 1
    return pairs[::-1]


def _places(a: Sequence[Any], b: Sequence[Any]) -> dict[Any, int]:
    """Where in `a` each item of `b` stands, as bits."""
    where: dict[Any, list[int]] = {item: [] for item in b}
    for k, item in enumerate(a):
        if item in where:
            where[item].append(k)
    places = {}
    for item, positions in where.items():
        bits = bytearray(positions[-1] // 8 + 1 if positions else 0)
        for k in positions:
            bits[k >> 3] |= 1 << (k & 7)
        places[item] = int.from_bytes(bits, "little")
    return places


def _next_row(row: int, places: int, full: int) -> int:
    if not places:
        return row
    stepped = row & places
    return ((row + stepped) | (row - stepped)) & full
