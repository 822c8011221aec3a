"""In which order the cells stand after a merge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jupyter_live.files.align.matching import Matches
from jupyter_live.files.align.sequence import increasing


def arrange(matches: Matches, live: Sequence[int], new: Collection[int], count: int) -> Iterator[int]:
    """The cells in order: a position in the live notebook, or ~position in the changed one for a cell that live lacks.

    `live` are the live cells that stay, `new` those of the `count` changed ones that come in. Who moved a cell decides
    where it stands; live does where both moved it. What is put somewhere follows the cell that is before it in the
    changed notebook, and what only live has there.
    """
    stay = set(live)
    kept = {b: c for b, c in matches.base_changed.items() if matches.base_live.get(b) in stay}
    theirs = _moved(sorted(kept, key=lambda b: matches.base_changed[b]))
    own = _moved(sorted(kept, key=lambda b: matches.base_live[b]))
    to_place = {matches.base_live[b] for b in theirs - own}
    only_live = stay - set(matches.changed_live.values())
    order = [position for position in live if position not in to_place]
    following: dict[int | None, int | None] = dict(zip([None, *order], [*order, None], strict=True))
    last: int | None = None
    for position in range(count):
        node = ~position if position in new else matches.changed_live.get(position)
        if node is None or not (node < 0 or node in stay):
            continue
        if node not in following:
            while (after := following[last]) is not None and after in only_live:
                last = after
            following[node], following[last] = following[last], node
        last = node
    upcoming = following[None]
    while upcoming is not None:
        yield upcoming
        upcoming = following[upcoming]


def _moved(positions: Sequence[int]) -> set[int]:
    """The fewest that have to move to bring the positions into rising order."""
    return set(positions) - {positions[k] for k in increasing(positions)}
