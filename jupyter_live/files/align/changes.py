"""What one side changed in a list of lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jupyter_live.files.align.likeness import pair
from jupyter_live.files.align.sequence import Gap, gaps
from jupyter_live.files.align.versions import Lines


class Change(NamedTuple):
    """The lines from `start` to `end` become `lines`."""

    start: int
    end: int
    lines: Lines


def line_changes(a: Lines, b: Lines) -> Iterator[Change]:
    """What makes b of a: each change is of one line of a, or puts lines in."""
    for gap in gaps(a, b):
        yield from _by_line(a, b, gap)


def _by_line(a: Lines, b: Lines, gap: Gap) -> Iterator[Change]:
    i, end, j, stop = gap
    if i == end or (end - i, stop - j) == (1, 1):
        yield Change(i, end, b[j:stop])
    elif pairs := pair(a[i:end], b[j:stop]):
        for k, m in [*((i + k, j + m) for k, m in pairs), (end, stop)]:
            if (i, j) != (k, m):
                yield from _by_line(a, b, Gap(i, k, j, m))
            if k < end and a[k] != b[m]:
                yield Change(k, k + 1, [b[m]])
            i, j = k + 1, m + 1
    elif end - i == stop - j:
        yield from (Change(k, k + 1, [b[k - i + j]]) for k in range(i, end))
    else:  # nothing tells which line became which: the new ones stand for the last of the old ones
        yield from (Change(k, k + 1, b[j:stop] if k == end - 1 else []) for k in range(i, end))
