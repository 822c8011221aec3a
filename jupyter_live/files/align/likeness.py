"""How alike two texts are, and which of two short lists belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from jupyter_live.files.align.grown import has_grown
from jupyter_live.files.align.sequence import prefix, suffix

ALIKE = 0.5  # from here on, one text is taken for the other one changed
PAIRS = 1600  # pairs of texts that are compared with each other
TELLING = 3  # characters from which on it is no chance that two texts have them at one place
TELLING_ANYWHERE = 5  # ... or in the same order
LONG = 10_000  # characters from which on texts are compared by line

_WORD = re.compile(r"\w+|[^\w\s]")
_LETTER = re.compile(r"\w")


def likeness(a: str, b: str) -> float:
    """From 0 to 1: how much of both is the same, at the ends or in words anywhere. Signs alone say nothing."""
    longer = max(len(a), len(b))
    if not longer or a == b:
        return 1.0
    if longer <= LONG and min(len(a), len(b)) >= TELLING_ANYWHERE and (has_grown(a, b) or has_grown(b, a)):
        return ALIKE + min(len(a), len(b)) / longer / 2
    head = prefix(a, b)
    tail = suffix(a, b, min(len(a), len(b)) - head)
    split = str.splitlines if longer > LONG else _WORD.findall
    words, others = Counter(split(a)), Counter(split(b))
    common, total = words & others, words.total() + others.total()
    inside = 2 * common.total() / total if any(map(_LETTER.search, common)) else 0.0
    ends = (head + tail) / longer if _LETTER.search(a[:head]) or _LETTER.search(a, len(a) - tail) else 0.0
    return max(ends, inside)


def pair(
    a: Sequence[str], b: Sequence[str], may: Callable[[int, int], bool] = lambda i, j: True
) -> list[tuple[int, int]]:
    """Positions in `a` and `b` of texts that are alike, in order in both, the sum of likeness being the greatest.

    Nothing when the lists are long; nothing pairs that `may` not.
    """
    if not a or not b or len(a) * len(b) > PAIRS:
        return []
    alike = [[likeness(x, y) if may(i, j) else 0.0 for j, y in enumerate(b)] for i, x in enumerate(a)]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]  # best[i][j]: of a[i:] and b[j:]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if alike[i][j] >= ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
