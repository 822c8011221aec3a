"""Three-way merge of lists of lines. Nobody's line is lost: where both sides changed the same, both versions stay.

A text is a list of lines without their ends: a last line that lacks one is never glued to another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from jupyter_live.files.align.changes import Change, line_changes
from jupyter_live.files.align.sequence import increasing, unique
from jupyter_live.files.align.versions import (
    Clash,
    Lines,
    Piece,
    both,
    fuller,
    is_between,
    is_blank,
    is_telling,
    joined,
    once,
)


@dataclass(slots=True)
class Result:
    """`changes` make the merged text of the live one, in order. `clashes` tell where both sides changed the same."""

    changes: list[Change] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)


def split(text: str) -> Lines:
    return text.split("\n") if text else []


def merge_lines(base: Lines, changed: Lines, live: Lines) -> Result:
    """Carry base -> changed over to live. A change that live has already is not made again."""
    while True:
        result = _merge_lines(base, changed, live)
        moved = _moved(base, changed, live, result)
        if not moved:
            return result
        # They stay as live has them, and where.
        base, changed = ([line for line in lines if line not in moved] for lines in (base, changed))


def _merge_lines(base: Lines, changed: Lines, live: Lines) -> Result:
    result = Result()
    offset = 0  # how much longer the result has become than live
    for ours, theirs, lives in _sections(base, changed, live):
        b, c, v = base[slice(*ours)], changed[slice(*theirs)], live[slice(*lives)]
        if c not in (b, v):
            offset += _merge_section(b, c, v, lives[0], offset, result)
    return result


def _moved(base: Lines, changed: Lines, live: Lines, result: Result) -> set[str]:
    """Lines that `changed` has elsewhere, and that would be put in there though live has moved or replaced them, too.

    Only such as are the only ones of their kind, and say something.
    """
    removed = Counter(line for change in result.changes for line in live[change.start : change.end])
    put_in = Counter(line for change in result.changes for line in change.lines)
    moved = {line for line in put_in if put_in[line] > removed[line] and is_telling(line)}
    if not moved:
        return set()
    moved &= unique(base, 0, len(base)).keys() & unique(changed, 0, len(changed)).keys()
    there = Counter(live)
    return {line for line in moved if there[line] < 2}


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
    """Neighbouring changes are looked at together: what one side put in may be what the other one made of a line.

    Not where a side only took lines out: of similar ones that stay, each would be taken for the other one, cut short.
    """
    for _, run in groupby(pieces, key=lambda piece: piece.is_kept):
        changes = list(run)
        if len(changes) == 1:
            yield from _one_by_one(changes)
            continue
        whole = joined(changes)
        have_new = {*whole.mine} - {*whole.base} and {*whole.theirs} - {*whole.base}
        if have_new and (full := fuller(whole)) is not None:
            yield full
        else:
            yield from once(whole, [*_one_by_one(changes)])


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
