"""Lines that have come already: of one history, from several clients that hand in their copies of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from jupyter_live.files.align.changes import line_changes
from jupyter_live.files.align.grown import stands_in
from jupyter_live.files.align.likeness import ALIKE, PAIRS, likeness
from jupyter_live.files.align.lines import split
from jupyter_live.files.align.versions import Lines

SEARCHED = 100_000  # characters of a text in which parts of lines are looked for: it takes lines times characters


def with_brought(base: str, changed: str, live: str) -> tuple[str, str]:
    """`base` and `changed` as if what `live` has got of the changes had been in both before, where live has it now.

    The same new line is the same edit, wherever it is by now, and also if it has been added to since: then nothing is
    to be done about it. It is not just left out of `changed`: another new line might be taken for it, added to.
    """
    before, mine, theirs = split(base), split(changed), split(live)
    brought = set(theirs) - set(before)
    text = "\n".join(brought) if len(live) < SEARCHED else ""

    def has_come(line: str) -> bool:
        return any(map(str.isalnum, line)) and (line in brought or stands_in(text, line.strip()))

    put_in, made = _changes(before, mine)
    theirs_put_in, _ = _changes(before, theirs)
    still = set(theirs)
    become = {i: _become(before[i], lines, has_come, is_still=before[i] in still) for i, lines in made.items()}
    # What was put in beside it there, and the line taken out, may look like a line that was changed.
    beside = {i: {*theirs_put_in.get(i, ()), *theirs_put_in.get(i + 1, ())} for i in made}
    become |= {i: [] for i, lines in made.items() if all(has_come(line) and line in beside[i] for line in lines)}
    come = {line for lines in put_in.values() for line in lines if has_come(line)}
    come |= {line for i, lines in made.items() for line in lines if line not in become[i]}
    for part in [line.strip() for line in come - brought]:  # added to since
        come |= {line for line in brought if part in line and stands_in(line, part)}

    known = {*come, *before, *mine}
    grown = _grown(
        [line for lines in put_in.values() for line in lines if line not in come],
        [line for lines in theirs_put_in.values() for line in lines if line not in known],
    )
    done = {*come, *grown.values()}
    old, new = list[str](), list[str]()
    for i in range(len(before) + 1):
        there = [line for line in theirs_put_in.get(i, ()) if line in come or line in grown]
        old += there
        there = [grown.get(line, line) for line in there]
        stays = set(there)
        new += _beside(there, [line for line in put_in.get(i, ()) if line in stays or line not in done])
        if i < len(before):
            old.append(before[i])
            new += become.get(i, [before[i]])
    return "\n".join(old), "\n".join(new)


def _grown(mine: Lines, brought: Lines) -> dict[str, str]:
    """Brought lines to what `mine` has made of each since: one that it has put in with that in it."""
    if len(mine) * len(brought) > PAIRS:
        return {}
    pairs = [(line, new) for new in mine for line in brought if stands_in(new, line.strip())]
    one = Counter(line for pair in pairs for line in pair)
    return {line: new for line, new in pairs if one[line] == one[new] == 1}


def _beside(there: Lines, here: Lines) -> Lines:
    """What is there, in its order, and what only `here` has, each after the line that it follows here."""
    known, last = set(there), None
    after: dict[str | None, Lines] = {}
    for line in here:
        if line in known:
            last = line
        else:
            after.setdefault(last, []).append(line)
    lines = after.pop(None, [])
    for line in there:
        lines += [line, *after.pop(line, [])]
    return lines


def _become(line: str, lines: Lines, has_come: Callable[[str], bool], *, is_still: bool) -> Lines:
    """What a line is to become, without what has come elsewhere; where all has, itself if it is gone there.

    If it `is_still` there, it becomes what it grew into, and goes where it was only taken out beside that.
    """
    rest = [new for new in lines if not has_come(new)]
    if len(rest) == len(lines) or any(map(str.strip, rest)):
        return rest
    if not is_still:
        return [line]
    return [new for new in lines if likeness(line, new) >= ALIKE]


def _changes(a: Lines, b: Lines) -> tuple[dict[int, Lines], dict[int, Lines]]:
    """What was put in before each line of a, and what became of each that was changed."""
    put_in, made = dict[int, Lines](), dict[int, Lines]()
    for start, end, lines in line_changes(a, b):
        (put_in if start == end else made)[start] = lines
    return put_in, made
