"""Two versions of the same lines: which one has all that the other has, and what stays of both if neither does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from os.path import commonprefix
from typing import Any, NamedTuple

from jupyter_live.files.align.likeness import TELLING, grew, pair
from jupyter_live.files.align.sequence import Block, blocks, common_length
from jupyter_live.files.align.words import words

Lines = list[str]

_LONG = 4000  # characters of a version that are compared word by word; longer ones only as a whole


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
    """The version that has all changes of the other one, or the other one in it: to take it loses nothing."""
    _, new, live = ("\n".join(lines) for lines in piece[:3])
    longer = piece.theirs if new in live else piece.mine if live in new else None
    if longer is not None and not piece.base:
        return longer
    full = with_all_changes(piece)
    return longer if full is None else full


def with_all_changes(piece: Piece) -> Lines | None:
    """The version that has all changes of the other one, and perhaps more."""
    texts = ["\n".join(lines) for lines in piece[:3]]
    if is_blank(piece.mine) or is_blank(piece.theirs) or max(map(len, texts)) > _LONG:
        return None
    head = len(commonprefix(texts))
    tail = len(commonprefix([text[head:][::-1] for text in texts]))
    old, new, live = (text[head : len(text) - tail] for text in texts)
    before, after, other = words(old), words(new), words(live)
    if (piece.base and _has_grown(old, new, live)) or is_between(before, after, other):
        return piece.theirs
    if (piece.base and _has_grown(old, live, new)) or is_between(before, other, after):
        return piece.mine
    return None


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


def is_between(a: Sequence[Any], b: Sequence[Any], c: Sequence[Any]) -> bool:
    """Whether a shortest way of taking out and putting in items from a to c passes b."""
    if not {*b} <= {*a, *c}:
        return False
    first, second, whole = common_length(a, b), common_length(b, c), common_length(a, c)
    return first is not None and second is not None and whole is not None and first + second == len(b) + whole


def is_blank(lines: Lines) -> bool:
    return not any(line.strip() for line in lines)


def _has_grown(base: str, part: str, whole: str) -> bool:
    """Whether both only put something in, also within words, and `whole` has all of `part`."""
    return len(part) - len(base) >= TELLING and grew(base, part) and grew(part, whole)


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
    return bool(a.strip() and b.strip()) and (grew(a, b) or grew(b, a)) and fuller(Piece([], [a], [b])) is not None
