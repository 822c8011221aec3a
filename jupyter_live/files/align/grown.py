"""Whether a text is there in another one, which grew from it: then nothing is lost where the other one stays.

Letters that happen to stand in the same order say nothing: `x = 1` is not in `x = 2`, `y = 1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from jupyter_live.files.align.sequence import Gap, gaps
from jupyter_live.files.align.words import is_in_word, words

Lines = Sequence[str]

TELLING = 3  # characters from which on it is no chance that two texts have them at one place
LONG = 4000  # characters from which on a text is not looked at word by word
_TRIES = 9  # places where a text may stand as part of other words before it stands alone


def has_lines(whole: Lines, part: Lines) -> bool:
    """Whether all lines of `part` are there in `whole`, in order. Blank ones say nothing."""
    rest = iter(whole)
    return all(any(has_line(line, wanted) for line in rest) for wanted in part if wanted.strip())


def has_grown(shorter: str, longer: str) -> bool:
    """Whether the longer text has all of the shorter one, in pieces of whole words that are telling."""
    return grew(shorter, longer) and _in_pieces(longer, [shorter])


def grew(shorter: str, longer: str) -> bool:
    """Whether all characters of the one are there in the other, in order."""
    if len(shorter) > len(longer):
        return False
    characters = iter(longer)
    return all(character in characters for character in shorter)


def has_line(whole: str, part: str) -> bool:
    """Whether a line is there, perhaps with something written before it, after it, or into it between its words."""
    if whole == part:
        return True
    part = part.strip()
    return stands_in(whole, part) or (len(whole) <= LONG and has_grown(part, whole))


def stands_in(whole: str, part: str) -> bool:
    """Whether it is there with nothing written into its words, but perhaps on at the end of the last one.

    Never so for less than `TELLING` characters.
    """
    at = -1
    for _ in range(_TRIES if len(part) >= TELLING else 0):
        if (at := whole.find(part, at + 1)) < 0:
            break
        end = at + len(part)
        if not is_in_word(whole, at) and (not is_in_word(whole, end) or whole[end - TELLING : end].isalpha()):
            return True
    return False


def has_changes(whole: str, part: str, base: str) -> bool:
    """Whether what made `part` of `base` was done in `whole` too, in the same place."""
    old, new, other = words(base), words(part), words(whole)
    if grew(base, part) and grew(part, whole):
        put_in = ["".join(new[gap.b_start : gap.b_end]).strip() for gap in gaps(old, new)]
        if _in_pieces(whole, put_in):
            return True
    places: dict[Gap, tuple[int, int]] = {}  # of what was changed in `whole`: what of `part` must be there
    changed = list(gaps(old, other))
    for gap in gaps(old, new):
        place = next((place for place in changed if place.a_start <= gap.a_start and gap.a_end <= place.a_end), None)
        if place is None:
            return False
        places[place] = places.get(place, (gap.b_start, 0))[0], gap.b_end
    return all(_has(other[place.b_start : place.b_end], new[start:end]) for place, (start, end) in places.items())


def _has(whole: list[str], part: list[str]) -> bool:
    """Also a short text counts where it begins or ends what is written at one place."""
    count = len(part)
    return part in (whole[:count], whole[len(whole) - count :]) or has_lines(_lines(whole), _lines(part))


def _lines(text: list[str]) -> Lines:
    return "".join(text).split("\n")


def _in_pieces(whole: str, parts: Iterable[str]) -> bool:
    """Whether the parts are there in order, if cut then between words, and in pieces that are telling."""
    at = 0
    for part in parts:
        ends, start = list(accumulate(map(len, words(part)))), 0
        while start < len(part):
            pieces = (part[start:end] for end in reversed(ends) if end - start >= TELLING)
            piece = next((piece for piece in pieces if _place(whole, piece, at) >= 0), "")
            if not piece:
                return False
            start, at = start + len(piece), _place(whole, piece, at) + len(piece)
    return True


def _place(whole: str, piece: str, start: int) -> int:
    """Where it stands with its words whole, -1 for nowhere."""
    for _ in range(_TRIES):
        start = whole.find(piece, start)
        if start < 0 or not (is_in_word(whole, start) or is_in_word(whole, start + len(piece))):
            return start
        start += 1
    return -1
