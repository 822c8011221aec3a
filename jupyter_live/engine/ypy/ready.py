"""Which pieces a replica can integrate now, in which order, and which have to wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jupyter_live.engine.structs import Id
from jupyter_live.engine.updates import Ranges
from jupyter_live.engine.ypy.pieces import Parts, Piece
from jupyter_live.engine.ypy.spans import parted


class Ready(NamedTuple):
    """What can be integrated, and the rest."""

    order: list[tuple[int, Piece]]
    """Pieces and their clients, each after those that it needs."""
    deletes: Ranges
    waits: Parts
    missing: dict[int, int]
    """What that waits for: client -> the first clock that is needed and has not come."""


def split(parts: Parts, known: Mapping[int, int]) -> Ready:
    """What of `parts`, a `union` beyond `known`, can be integrated."""
    clocks, left = dict(known), {client: row[::-1] for client, row in parts.pieces.items()}
    order = _taken(left, clocks)
    waits = {client: row[::-1] for client, row in left.items() if row}
    now, later = parted(parts.deletes, clocks)
    missing: dict[int, int] = {}
    lower(missing, filter(None, (_needed(client, row[0], clocks) for client, row in waits.items())))
    lower(missing, ((client, ranges[0][0]) for client, ranges in later.items()))
    return Ready(order, now, Parts(waits, later), missing)


def _taken(left: dict[int, list[Piece]], clocks: dict[int, int]) -> list[tuple[int, Piece]]:
    """Take from the ends of `left` what can be integrated, and count it in `clocks`."""
    order: list[tuple[int, Piece]] = []
    blocked: dict[int, list[int]] = {}  # client -> those who need it
    todo = [*left]
    while todo:
        client = todo.pop()
        row, before = left[client], len(order)
        while row and not (needed := _needed(client, row[-1], clocks)):
            clocks[client] = row[-1].end
            order.append((client, row.pop()))
        if len(order) > before:
            todo += blocked.pop(client, ())
        if row and needed:
            blocked.setdefault(needed[0], []).append(client)
    return order


def _needed(client: int, piece: Piece, clocks: Mapping[int, int]) -> Id | None:
    """What has to come before a piece, and has not."""
    if piece.clock > clocks.get(client, 0):
        return client, piece.clock - 1
    return next(((other, clock) for other, clock in piece.ids if clock >= clocks.get(other, 0)), None)


def lower(missing: dict[int, int], ids: Iterable[Id]) -> None:
    """Note what has not come; of each client the first clock."""
    for client, clock in ids:
        missing[client] = min(clock, missing.get(client, clock))
