"""Three-way merge of lists of lines. Nobody's line is lost: where both sides changed the same, both versions stay.

A text is a list of lines without their ends: a last line that lacks one is never glued to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from jupyter_live.files.align.likeness import pair
from jupyter_live.files.align.sequence import Gap, gaps, increasing, unique
from jupyter_live.files.align.versions import (
    Clash,
    Lines,
    Piece,
    both,
    fuller,
    is_between,
    is_blank,
    joined,
)


class Change(NamedTuple):
    """The lines from `start` to `end` become `lines`."""

    start: int
    end: int
    lines: Lines


@dataclass(slots=True)
class Result:
    """`changes` make the merged text of the live one, in order. `clashes` tell where both sides changed the same."""

    changes: list[Change] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)


def split(text: str) -> Lines:
    return text.split("\n") if text else []


def merge_lines(base: Lines, changed: Lines, live: Lines) -> Result:
    """Carry base -> changed over to live. A change that live has already is not made again."""
    result = Result()
    offset = 0  # how much longer the result has become than live
    for ours, theirs, lives in _sections(base, changed, live):
        b, c, v = base[slice(*ours)], changed[slice(*theirs)], live[slice(*lives)]
        if c not in (b, v):
            offset += _merge_section(b, c, v, lives[0], offset, result)
    return result


def _merge_section(base: Lines, changed: Lines, live: Lines, start: int, offset: int, result: Result) -> int:
    """Merge, tell it in lines of the whole text, and return how much longer that became."""
    merged, clashes = _settle(base, changed, live, _pieces(base, changed, live))
    for change in line_changes(live, merged):
        result.changes.append(Change(start + change.start, start + change.end, change.lines))
    result.clashes += [clash._replace(line=clash.line + start + offset) for clash in clashes]
    return len(merged) - len(live)


def _sections(base: Lines, changed: Lines, live: Lines) -> Iterator[list[tuple[int, int]]]:
    """Cut where a line is the only one of its kind in all three texts: start and end in each, cut by cut."""
    theirs, lives = unique(changed, 0, len(changed)), unique(live, 0, len(live))
    cuts = [
        (i, theirs[line], lives[line])
        for line, i in unique(base, 0, len(base)).items()
        if line in theirs and line in lives
    ]
    for side in (1, 2):
        cuts = [cuts[n] for n in increasing([cut[side] for cut in cuts])]
    starts = (0, 0, 0)
    for cut in [*cuts, (len(base), len(changed), len(live))]:
        yield list(zip(starts, cut, strict=True))
        starts = (cut[0] + 1, cut[1] + 1, cut[2] + 1)


# ---- what one side changed


def line_changes(a: Lines, b: Lines) -> Iterator[Change]:
    """What makes b of a: each change is of one line of a, or puts lines in."""
    for gap in gaps(a, b):
        yield from _by_line(a, b, gap)


def _by_line(a: Lines, b: Lines, gap: Gap) -> Iterator[Change]:
    i, end, j, stop = gap
    if i == end:
        yield Change(i, i, b[j:stop])
    elif end - i == stop - j:
        yield from (Change(k, k + 1, [b[k - i + j]]) for k in range(i, end))
    elif j == stop or not (pairs := pair(a[i:end], b[j:stop])):
        # Nothing tells which line became which: the new ones stand for the last of the old ones.
        yield from (Change(k, k + 1, b[j:stop] if k == end - 1 else []) for k in range(i, end))
    else:
        for k, m in [*((i + k, j + m) for k, m in pairs), (end, stop)]:
            if (i, j) != (k, m):
                yield from _by_line(a, b, Gap(i, k, j, m))
            if k < end and a[k] != b[m]:
                yield Change(k, k + 1, [b[m]])
            i, j = k + 1, m + 1


# ---- both sides


def _pieces(base: Lines, changed: Lines, live: Lines) -> Iterator[Piece]:
    """The texts from front to end."""
    mine = {change[:2]: change.lines for change in line_changes(base, changed)}
    theirs = {change[:2]: change.lines for change in line_changes(base, live)}
    at = 0
    for start, end in sorted({*mine, *theirs, (len(base), len(base))}):
        if kept := base[at:start]:
            yield Piece(kept, kept, kept, kept)
        old = base[start:end]
        yield _choice(old, mine.get((start, end), old), theirs.get((start, end), old))
        at = end


def _choice(base: Lines, mine: Lines, theirs: Lines) -> Piece:
    piece = Piece(base, mine, theirs)
    if mine in (base, theirs):
        return piece._replace(merged=theirs)
    if theirs == base:
        return piece._replace(merged=mine)
    if not is_blank(base) and (is_blank(mine) or is_blank(theirs)):
        # One side took out what the other one changed: what was changed stays.
        return Piece(base, [] if is_blank(mine) else mine, [] if is_blank(theirs) else theirs)
    return piece._replace(merged=fuller(piece))


def _settle(base: Lines, changed: Lines, live: Lines, pieces: Iterable[Piece]) -> tuple[Lines, list[Clash]]:
    """The merged lines and the clashes in them.

    Equal lines leave open which of them was put in or taken out. So if one side's text lies on a shortest way from base
    to the other side's, it is in there already, whatever the pieces say.
    """
    merged: Lines = []
    clashes: list[Clash] = []
    for piece in _agreed(pieces):
        if isinstance(piece, Clash):
            clashes.append(piece._replace(line=len(merged)))
            merged += piece.theirs + piece.mine
        else:
            merged += piece
    if merged != live:
        if is_between(base, changed, live):
            return live, [_found(clash, clash.theirs, live) for clash in clashes if not clash.mine]
        if is_between(base, live, changed):
            return changed, [_found(clash, clash.mine, changed) for clash in clashes if not clash.theirs]
    return merged, clashes


def _agreed(pieces: Iterable[Piece]) -> Iterator[Lines | Clash]:
    """Neighbouring changes are looked at together: what one side put in may be what the other one made of a line."""
    for _, run in groupby(pieces, key=lambda piece: piece.is_kept):
        changes = list(run)
        whole = joined(changes)
        is_both = len(changes) > 1 and whole.mine != whole.base != whole.theirs
        if is_both and (full := fuller(whole)) is not None:
            yield full
        else:
            yield from _one_by_one(changes)


def _one_by_one(pieces: Iterable[Piece]) -> Iterator[Lines | Clash]:
    """Clashes of neighbouring lines are one: blocks stay together."""
    for is_open, run in groupby(pieces, key=lambda piece: piece.merged is None):
        if is_open:
            yield from both(joined(run))
        else:
            yield from (piece.merged for piece in run if piece.merged)


def _found(clash: Clash, lines: Lines, text: Lines) -> Clash:
    """The clash where its lines really are: at the place nearest to where they were thought to be."""
    places = (k for k in range(len(text)) if text[k : k + len(lines)] == lines)
    return clash._replace(line=min(places, key=lambda k: abs(k - clash.line), default=clash.line))
