"""In which order the cells stand after a merge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jupyter_live.files.align.matching import Matches, Pairs

PASSES = 5  # until an order is left as it is; nearly always the second one


def arrange(matches: Matches, live: Sequence[int], new: Collection[int], count: int) -> list[int]:
    """The cells in order: a position in the live notebook, or ~position in the changed one for a cell that live lacks.

    `live` are the live cells that stay, `new` those of the `count` changed ones that come in. Who moved a cell decides
    where it stands; live does where both moved it. What is put somewhere follows the cell that is before it in the
    changed notebook, and what only live has there; a moved cell does not follow one that live has moved elsewhere.
    """
    known = matches.changed_live | {c: ~c for c in new}
    nodes = {c: known[c] for c in range(count) if c in known}
    in_base = {b: nodes[c] for b, c in matches.base_changed.items() if c in nodes}
    order = list(live)
    for _ in range(PASSES):  # a merge done again finds the order of the first one: it must not go on moving cells
        before, order = order, _arranged(order, nodes, in_base, matches.base_changed)
        if order == before:
            return order
    return _arranged(list(live), nodes, {}, {})  # the moves of both sides exclude each other: live's hold


def _arranged(live: list[int], nodes: dict[int, int], in_base: dict[int, int], base_changed: Pairs) -> list[int]:
    """`nodes` are the changed cells in order, `in_base` those that base has, by their position in it."""
    places = {node: place for place, node in enumerate(live)}
    kept = {b: node for b, node in in_base.items() if node in places}
    theirs = _moved(sorted(kept, key=lambda b: base_changed[b]))
    own = _moved(sorted(kept, key=lambda b: places[kept[b]]), theirs)
    to_place, own_moves = {kept[b] for b in theirs - own}, {kept[b] for b in own}
    old, wanted = set(kept.values()), list(nodes.values())
    if to_place and not own:  # the order outside holds, also for the cells that both sides put in
        to_place = {live[place] for place in _moved([places[node] for node in wanted if node in places])}
    only_live = set(places) - set(wanted)
    order = [node for node in live if node not in to_place]
    following: dict[int | None, int | None] = dict(zip([None, *order], [*order, None], strict=True))
    last: int | None = None
    fixed: int | None = None  # the last one that live has not moved
    for node in wanted:
        is_fixed = node not in own_moves if node in old else last == fixed
        if node not in following:
            before = fixed if node in to_place else last
            while (after := following[before]) is not None and after in only_live:
                before = after
            following[node], following[before] = following[before], node
        last = node
        if is_fixed:
            fixed = node
    return list(_walk(following))


def _walk(following: dict[int | None, int | None]) -> Iterator[int]:
    node = following[None]
    while node is not None:
        yield node
        node = following[node]


def _moved(positions: Sequence[int], rather: Collection[int] = ()) -> set[int]:
    """The fewest that have to move to bring the positions into rising order.

    Where there is a choice, those that had `rather` move: two that were swapped have the same one moved on both sides.
    """
    count = len(positions)
    ranks = {position: rank for rank, position in enumerate(sorted(positions), 1)}
    # A Fenwick tree: the heaviest run so far and the position it ends at.
    best: list[tuple[int, int]] = [(0, -1)] * (count + 1)
    before: dict[int, int] = {}
    for position in positions:
        heaviest, k = best[0], ranks[position] - 1
        while k:
            heaviest, k = max(heaviest, best[k]), k & (k - 1)
        before[position] = heaviest[1]
        weight, k = heaviest[0] + count + 1 + (position not in rather), ranks[position]
        while k <= count:
            best[k], k = max(best[k], (weight, position)), k + (k & -k)
    position = max(best)[1]
    moved = set(positions)
    while position >= 0:
        moved.discard(position)
        position = before[position]
    return moved
