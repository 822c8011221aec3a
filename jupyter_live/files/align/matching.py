"""Which cell of one notebook is which cell of another: by id, then by likeness.

Files without ids get random ones each time that they are read, and tools give cells new ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from jupyter_live.files.align.grown import has_lines
from jupyter_live.files.align.likeness import ALIKE, PAIRS, likeness, pair
from jupyter_live.files.align.sequence import blocks
from jupyter_live.files.align.versions import is_telling

Cell = dict[str, Any]
Cells = Sequence[Cell]
Pairs = dict[int, int]  # positions in one notebook to positions in another
Found = Iterable[tuple[int, int]]

_RARE = 3  # a line that more cells have says nothing about any of them


class Matches(NamedTuple):
    """Which cells are the same in the three notebooks."""

    base_changed: Pairs
    base_live: Pairs
    changed_live: Pairs


def match(base: Cells, changed: Cells, live: Cells, *, again: bool = False, has_ids: bool = True) -> Matches:
    """Find the same cells: by id, then equal ones, then those that are alike. A cell that both sides put in is one.

    With `again` also if it has grown on one side since; or been changed on both, if the file has no ids: what the cells
    have is then made up whenever it is read.
    """
    base_changed, base_live = _by_id(base, changed), _by_id(base, live)
    known, seen = set(base_changed.values()), set(base_live.values())
    both = {c: k for c, k in _by_id(changed, live).items() if c not in known and k not in seen}
    put_in = set(both)

    base_changed |= _equal(base, changed, base_changed, set(), put_in)
    base_live |= _equal(base, live, base_live, set(), set(both.values()))
    both |= {c: base_live[b] for b, c in base_changed.items() if b in base_live}
    both |= _equal_new(changed, live, both, set(base_live.values()))
    if again:
        both |= _grown_new(changed, live, both, set(base_changed.values()), set(base_live.values()))
    base_live |= {b: both[c] for b, c in base_changed.items() if c in both}

    for b, c in _alike(base, changed, base_changed, set(), put_in).items():
        if b not in base_live:
            base_changed[b] = c
            if c in both:
                base_live[b] = both[c]
        elif c not in both:
            base_changed[b], both[c] = c, base_live[b]
    base_live |= _alike(base, live, base_live, set(), set(both.values()))
    both |= {c: base_live[b] for b, c in base_changed.items() if b in base_live}
    # Cells that are like the changed ones rather than like what these were: live has them from a merge before.
    new = set(range(len(changed))) - set(base_changed.values())
    before = _alike(changed, live, both, new, set(base_live.values()))
    base_live |= {b: before[c] for b, c in base_changed.items() if c in before}
    both |= before
    if again and not has_ids:  # last: whatever was in the base is not new
        both |= _alike(changed, live, both, set(base_changed.values()), set(base_live.values()))
    return Matches(base_changed, base_live, both)


def source(cell: Cell) -> str:
    text = cell.get("source")
    return text if isinstance(text, str) else ""


def _key(cell: Cell) -> tuple[Any, str]:
    return cell.get("cell_type"), source(cell)


def _by_id(a: Cells, b: Cells) -> Pairs:
    """Of several cells with one id, the first."""
    places = _ids(b)
    return {i: places[cell_id] for cell_id, i in _ids(a).items() if cell_id in places}


def _ids(cells: Cells) -> dict[str, int]:
    places: dict[str, int] = {}
    for k, cell in enumerate(cells):
        if isinstance(cell_id := cell.get("id"), str):
            places.setdefault(cell_id, k)
    return places


def _equal(a: Cells, b: Cells, known: Pairs, not_a: set[int], not_b: set[int]) -> Pairs:
    """Equal cells besides the known pairs: in order, then elsewhere. The cells `not_a` and `not_b` have no part."""
    free = _Free(a, b, known, not_a, not_b)
    keys, others = [_key(a[i]) for i in free.a], [_key(b[j]) for j in free.b]
    free.take([(free.a[k + n], free.b[m + n]) for k, m, size in blocks(keys, others) for n in range(size)])
    free.take(_anywhere(a, b, free.a, free.b))
    return free.pairs


def _alike(a: Cells, b: Cells, known: Pairs, not_a: set[int], not_b: set[int]) -> Pairs:
    """Cells of which one may be the other one changed: in the same place if possible."""
    free = _Free(a, b, known, not_a, not_b)
    free.take(_in_gaps(a, b, free, _pair))
    free.take(_sharing_lines(a, b, free.a, free.b))
    free.take(_in_gaps(a, b, free, _pair))
    return free.pairs


def _equal_new(changed: Cells, live: Cells, known: Pairs, not_live: set[int]) -> Pairs:
    """Cells without a counterpart that are equal: the same was put in on both sides, or was carried over before."""
    free = _Free(changed, live, known, set(), not_live)
    free.take(_in_gaps(changed, live, free, _same))
    free.take(_anywhere(changed, live, free.a, free.b))
    return free.pairs


def _grown_new(changed: Cells, live: Cells, known: Pairs, not_changed: set[int], not_live: set[int]) -> Pairs:
    """Cells that both sides put in, of which one has all that the other has."""
    free = _Free(changed, live, known, not_changed, not_live)
    if len(free.a) * len(free.b) <= PAIRS:
        for i in free.a[:]:
            free.take([(i, j) for j in free.b if _has_all(changed[i], live[j]) or _has_all(live[j], changed[i])][:1])
    return free.pairs


def _has_all(cell: Cell, other: Cell) -> bool:
    is_same_type = cell.get("cell_type") == other.get("cell_type")
    return is_same_type and bool(_telling(other)) and has_lines(source(cell).split("\n"), source(other).split("\n"))


class _Free:
    """The cells that have no counterpart yet."""

    def __init__(self, a: Cells, b: Cells, known: Pairs, not_a: set[int], not_b: set[int]) -> None:
        self.known = known
        self.pairs: Pairs = {}
        taken = not_b | set(known.values())
        self.a = [i for i in range(len(a)) if i not in known and i not in not_a]
        self.b = [j for j in range(len(b)) if j not in taken]

    def take(self, found: Found) -> None:
        self.pairs.update(found)
        taken = set(self.pairs.values())
        self.a, self.b = [i for i in self.a if i not in self.pairs], [j for j in self.b if j not in taken]


def _anywhere(a: Cells, b: Cells, free_a: list[int], free_b: list[int]) -> Found:
    """Equal cells wherever they are. Empty ones say nothing."""
    places: dict[Any, list[int]] = {}
    for j in reversed(free_b):
        places.setdefault(_key(b[j]), []).append(j)
    return [(i, places[_key(a[i])].pop()) for i in free_a if source(a[i]).strip() and places.get(_key(a[i]))]


def _sharing_lines(a: Cells, b: Cells, free_a: list[int], free_b: list[int]) -> Found:
    """Cells that share lines which hardly any other has: changed, and perhaps moved."""
    places: dict[str, list[int]] = {}
    for j in free_b:
        for line in _telling(b[j]):
            places.setdefault(line, []).append(j)
    found: list[tuple[float, int, int]] = []
    for i in free_a:
        votes: Counter[int] = Counter()
        for line in _telling(a[i]):
            cells = places.get(line, [])
            votes.update(cells if len(cells) <= _RARE else [])
        for j, _ in votes.most_common(_RARE):
            if a[i].get("cell_type") == b[j].get("cell_type"):
                found.append((likeness(source(a[i]), source(b[j])), i, j))
    pairs: Pairs = {}
    taken: set[int] = set()
    for alike, i, j in sorted(found, key=lambda candidate: -candidate[0]):
        if alike >= ALIKE and i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs.items()


def _telling(cell: Cell) -> dict[str, None]:
    return {line: None for line in source(cell).split("\n") if is_telling(line)}


def _in_gaps(a: Cells, b: Cells, free: _Free, find: Callable[[list[Cell], list[Cell]], Found]) -> Found:
    """What `find` finds among the cells that follow the same cell on both sides."""
    known = free.known | free.pairs
    others = _following(free.b, set(known.values()))
    pairs = []
    for before, group in _following(free.a, set(known)).items():
        after = others.get(known.get(before, -1), [])
        pairs += [(group[k], after[m]) for k, m in find([a[i] for i in group], [b[j] for j in after])]
    return pairs


def _following(free: list[int], known: set[int]) -> dict[int, list[int]]:
    """The free cells by the known one that is before them, -1 for none."""
    groups: dict[int, list[int]] = {}
    befores: Iterator[int] = iter(sorted(known))
    before, upcoming = -1, next(befores, None)
    for k in free:
        while upcoming is not None and upcoming < k:
            before, upcoming = upcoming, next(befores, None)
        groups.setdefault(before, []).append(k)
    return groups


def _same(group: list[Cell], others: list[Cell]) -> Found:
    found = blocks([_key(cell) for cell in group], [_key(cell) for cell in others])
    return ((k + n, m + n) for k, m, size in found for n in range(size))


def _pair(group: list[Cell], others: list[Cell]) -> Found:
    def may(k: int, m: int) -> bool:
        return bool(group[k].get("cell_type") == others[m].get("cell_type"))

    return pair([source(cell) for cell in group], [source(cell) for cell in others], may)
