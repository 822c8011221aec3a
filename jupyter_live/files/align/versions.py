"""Two versions of the same lines: which one has all that the other has, and what stays of both if neither does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from os.path import commonprefix
from typing import Any, NamedTuple

from jupyter_live.files.align.grown import LONG, has_changes, has_line, has_lines
from jupyter_live.files.align.likeness import pair
from jupyter_live.files.align.sequence import Block, blocks, common_length

Lines = list[str]

_TELLING = re.compile(r"\w\W*\w")  # what a line must have to say anything


class Clash(NamedTuple):
    """Both sides changed the same lines: `theirs` stay at `line` (from 0) of the result, `mine` come right after."""

    line: int
    theirs: Lines
    mine: Lines


class Piece(NamedTuple):
    """Lines as the three texts have them. `merged` is None where both sides changed them, to something else."""

    base: Lines
    mine: Lines
    theirs: Lines
    merged: Lines | None = None

    @property
    def is_kept(self) -> bool:
        return self.mine == self.base == self.theirs


def joined(pieces: Iterable[Piece]) -> Piece:
    """Neighbouring pieces as one that is open."""
    columns = zip(*(piece[:3] for piece in pieces), strict=True)
    return Piece(*([line for lines in column for line in lines] for column in columns))


def fuller(piece: Piece) -> Lines | None:
    """The version that has all changes of the other one, and perhaps more: to take it loses nothing."""
    base, mine, theirs, _ = piece
    if not base:
        return theirs if has_lines(theirs, mine) else mine if has_lines(mine, theirs) else None
    texts = ["\n".join(lines) for lines in (base, mine, theirs)]
    if is_blank(mine) or is_blank(theirs) or max(map(len, texts)) > LONG:
        return None
    if len(base) == len(mine) == len(theirs):  # else one of the others may be the line that a word is in
        head = len(commonprefix(texts))
        tail = len(commonprefix([text[head:][::-1] for text in texts]))
        texts = [text[head : len(text) - tail] for text in texts]
    old, new, live = texts
    return theirs if has_changes(live, new, old) else mine if has_changes(new, live, old) else None


def both(piece: Piece) -> Iterator[Lines | Clash]:
    """Both versions, with what is common to them once."""
    base, mine, theirs, _ = piece
    i = j = 0
    for k, m in [*_same_lines(theirs, mine), (len(theirs), len(mine))]:
        live, new = theirs[i:k], mine[j:m]
        # What only one side put in is no clash; what only one side made of a line that was there is.
        yield Clash(0, live, new) if (live and new) or (base and live + new) else live or new
        if k < len(theirs):
            yield fuller(Piece([], [mine[m]], [theirs[k]])) or [theirs[k]]
        i, j = k + 1, m + 1


def once(whole: Piece, parts: Sequence[Lines | Clash]) -> Sequence[Lines | Clash]:
    """Without what both sides have put in, though not at the same of these lines: as often as one side has it.

    `parts` is what stays of `whole`. Lines that say nothing, such as brackets, are left alone.
    """
    lines = Counter(line for part in parts for line in (part.theirs + part.mine if isinstance(part, Clash) else part))
    surplus = lines - (Counter(whole.mine) | Counter(whole.theirs))
    surplus = Counter({line: times for line, times in surplus.items() if is_telling(line)})
    return [*reversed([_less(part, surplus) for part in reversed(parts)])] if surplus else parts


def _less(part: Lines | Clash, surplus: Counter[str]) -> Lines | Clash:
    """Without the last of the lines of which there are too many, which are counted down."""
    lines, kept = part.mine if isinstance(part, Clash) else part, Lines()
    for line in reversed(lines):
        if surplus[line]:
            surplus[line] -= 1
        else:
            kept.insert(0, line)
    if not isinstance(part, Clash):
        return kept
    return part._replace(mine=kept) if kept == lines or (part.theirs and kept) else part.theirs + kept


def is_between(a: Sequence[Any], b: Sequence[Any], c: Sequence[Any]) -> bool:
    """Whether a shortest way of taking out and putting in items from a to c passes b."""
    if not {*b} <= {*a, *c}:
        return False
    first, second, whole = common_length(a, b), common_length(b, c), common_length(a, c)
    return first is not None and second is not None and whole is not None and first + second == len(b) + whole


def is_blank(lines: Lines) -> bool:
    return not any(line.strip() for line in lines)


def is_telling(line: str) -> bool:
    """Whether it says something, as a bracket or an `x` does not."""
    return _TELLING.search(line) is not None


def _same_lines(theirs: Lines, mine: Lines) -> list[tuple[int, int]]:
    """Lines that both sides have, or that one has and the other has with something added. Blank ones say nothing."""
    equal = [
        block
        for block in blocks(theirs, mine)
        if not is_blank(theirs[slice(block.a_start, block.a_start + block.size)])
    ]
    found, i, j = list[tuple[int, int]](), 0, 0
    for k, m, size in [*equal, Block(len(theirs), len(mine), 0)]:
        found += [(i + n, j + o) for n, o in _growing(theirs[i:k], mine[j:m])]
        found += [(k + n, m + n) for n in range(size)]
        i, j = k + size, m + size
    return found


def _growing(a: Lines, b: Lines) -> list[tuple[int, int]]:
    return pair(a, b, lambda k, m: _is_more(a[k], b[m]))


def _is_more(a: str, b: str) -> bool:
    return bool(a.strip() and b.strip()) and (has_line(a, b) or has_line(b, a))
