"""Three-way merge of text into a live text, in edits so small that cursors stay where they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import pycrdt

from jupyter_live.files.align.changes import Change
from jupyter_live.files.align.lines import merge_lines, split
from jupyter_live.files.align.sequence import Gap, gaps, prefix, suffix
from jupyter_live.files.align.versions import Clash
from jupyter_live.files.align.words import IN_WORD, is_in_word, words

MOST_EDITS = 2000  # of one text: the engine's time for each grows with their number
LONG_WORD = 64  # characters from which on a word is edited rather than replaced

_LETTER = re.compile(r"\w")
_LETTERS = re.compile(rf"{IN_WORD}+")
_LAST_LETTERS = re.compile(rf"{IN_WORD}*$")


class Edit(NamedTuple):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class Merge(NamedTuple):
    """Edits of the live text, in order; how many places they change; where both sides had changed the same lines."""

    edits: list[Edit]
    places: int
    clashes: list[Clash]


def merge_text(base: str, changed: str, live: str) -> Merge:
    """Carry base -> changed over to live, line by line."""
    if changed in (base, live):
        return Merge([], 0, [])
    lines = split(live)
    result = merge_lines(split(base), split(changed), lines)
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    changes = list(_joined(result.changes))
    edits = [edit for change in changes for edit in _edits(live, starts, change)]
    return Merge(_fewer(edits, live), len(changes), result.clashes)


def apply(text: pycrdt.Text, live: str, edits: Iterable[Edit]) -> None:
    """Make the edits in a shared text that reads `live`. The engine counts bytes of UTF-8."""
    at = place = 0  # the same place in `live`, and in bytes in the text as edited so far
    for start, end, new in edits:
        place += len(live[at:start].encode())
        if start < end:
            del text[place : place + len(live[start:end].encode())]
        if new:
            text.insert(place, new)
            place += len(new.encode())
        at = end


def edited(live: str, edits: Iterable[Edit]) -> str:
    """What `apply` makes of the text."""
    parts, at = [], 0
    for start, end, new in edits:
        parts += [live[at:start], new]
        at = end
    return "".join([*parts, live[at:]])


def _joined(changes: Iterable[Change]) -> Iterator[Change]:
    """Lines taken out one after the other are taken out together: the last line has no end of its own."""
    last: Change | None = None
    for change in changes:
        if last and last.end == change.start and not last.lines and not change.lines:
            last = Change(last.start, change.end, [])
            continue
        if last:
            yield last
        last = change
    if last:
        yield last


def _edits(live: str, starts: list[int], change: Change) -> Iterator[Edit]:
    """A change of lines as edits of characters. `starts` tells where each line begins, and where the next one would."""
    first, last, lines = change
    new, count = "\n".join(lines), len(starts) - 1
    if first < last and lines:
        yield from _in_line(live[starts[first] : starts[last] - 1], new, starts[first])
    elif first < last:
        at_end = last == count and first > 0  # takes the line end before it along
        yield Edit(starts[first] - at_end, min(starts[last], len(live)), "")
    elif first < count:
        yield Edit(starts[first], starts[first], new + "\n")
    else:
        yield Edit(len(live), len(live), "\n" + new if count else new)


def _in_line(old: str, new: str, offset: int) -> Iterator[Edit]:
    """Word by word: of a word that is replaced nothing stays where somebody deletes the old one at the same time."""
    whole = _trim(old, new, Gap(0, len(old), 0, len(new)))
    ours, others = (words(text, start, end) for text, start, end in ((old, *whole[:2]), (new, *whole[2:])))
    ends = list(accumulate(map(len, ours), initial=whole.a_start))
    stops = list(accumulate(map(len, others), initial=whole.b_start))
    spans = [
        _trim(old, new, Gap(ends[gap.a_start], ends[gap.a_end], stops[gap.b_start], stops[gap.b_end]))
        for gap in gaps(ours, others)
    ]
    if any(b.a_start < a.a_end or b.b_start < a.b_end for a, b in pairwise(spans)):
        spans = [whole]  # two changes within one character of many
    if _keeps_no_word(old, spans):
        spans = [Gap(0, len(old), 0, len(new))]  # another text: all of it stays where somebody deletes the old one
    last = Gap(0, 0, 0, 0)
    for span in spans:
        start, end, other, stop = last = _between_words(old, new, span, last)
        yield Edit(offset + start, offset + end, new[other:stop])


def _between_words(old: str, new: str, span: Gap, last: Gap) -> Gap:
    """What is only put in, or only taken out, where it begins and ends with words, should the letters allow that.

    `<2>` before `<1>` is `<2>` put in, and not `2><`: who deletes the old text meanwhile takes nothing of it away.
    """
    if span.a_start < span.a_end and span.b_start < span.b_end:
        return span
    text, start, end = (new, *span[2:]) if span.a_start == span.a_end else (old, *span[:2])
    most, best, found = min(span.a_start - last.a_end, span.b_start - last.b_end, LONG_WORD), 0, -1
    for left in range(most + 1):
        if left and text[start - left] != text[end - left]:
            break
        cuts = _cut(text, start - left), _cut(text, end - left)
        if min(cuts) >= 0 and sum(cuts) > found:
            best, found = left, sum(cuts)
    return Gap(*(place - best for place in span))


def _cut(text: str, at: int) -> int:
    """How well it can be cut there, less than 0 for not at all."""
    if _is_within(text, at):
        return -1
    around = text[at - 1 : at + 1] if 0 < at < len(text) else "\n"
    if "\n" in around:
        return 4  # more than spaces at both ends: rather before `x = 1` as a whole than after its `x =`
    return 2 if around != around.strip() else int(not is_in_word(text, at))


def _keeps_no_word(old: str, spans: Sequence[Gap]) -> bool:
    """Whether there were words and all go, so that nothing but signs and spaces would stay."""
    ends = [0, *(span.a_end for span in spans)]
    starts = [*(span.a_start for span in spans), len(old)]
    kept = (old[end:start] for end, start in zip(ends, starts, strict=True))
    return not any(map(_LETTER.search, kept)) and _LETTER.search(old) is not None


def _trim(old: str, new: str, span: Gap) -> Gap:
    """Without what is equal at both ends, but with whole characters as people see them."""
    start, end, other, stop = span
    head = prefix(old[start:end], new[other:stop])
    tail = suffix(old[start:end], new[other:stop], min(end - start, stop - other) - head)
    start, end, other, stop = start + head, end - tail, other + head, stop - tail
    while start and other and (_is_within(old, start) or _is_within(new, other)):
        start, other = start - 1, other - 1
    while end < len(old) and stop < len(new) and (_is_within(old, end) or _is_within(new, stop)):
        end, stop = end + 1, stop + 1
    span = Gap(start, end, other, stop)
    return _whole_words(old, new, span) if start < end and other < stop else span


def _whole_words(old: str, new: str, span: Gap) -> Gap:
    """With the rest of words that are cut, unless they are long."""
    start, end, other, stop = span
    head = tail = 0
    if _LETTERS.match(old, start, end) or _LETTERS.match(new, other, stop):
        head = _length(_LAST_LETTERS.search(old[max(0, start - LONG_WORD) : start]))
    if _LETTERS.match(old, end - 1, end) or _LETTERS.match(new, stop - 1, stop):
        tail = _length(_LETTERS.match(old, end, end + LONG_WORD))
    return Gap(start - head, end + tail, other - head, stop + tail) if max(head, tail) < LONG_WORD else span


def _length(found: re.Match[str] | None) -> int:
    return len(found[0]) if found else 0


def _is_within(text: str, at: int) -> bool:
    """Whether people would see a cut here as one through a character, such as an emoji made of several."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return False
    return (
        before == "\u200d"
        or after in "\u200d\ufe0e\ufe0f"
        or unicodedata.combining(after) > 0
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= after <= "\U000e007f"  # tags, as in flags of regions
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")  # flags
    )


def _fewer(edits: list[Edit], live: str) -> list[Edit]:
    """At most `MOST_EDITS`: those close to each other become one."""
    near = 32  # characters between two edits
    while len(edits) > MOST_EDITS:
        joined = edits[:1]
        for edit in edits[1:]:
            last = joined[-1]
            if edit.start - last.end <= near:
                joined[-1] = Edit(last.start, edit.end, last.text + live[last.end : edit.start] + edit.text)
            else:
                joined.append(edit)
        edits, near = joined, 2 * near
    return edits
