"""Which moments of a timeline to let go: all of the last hour stay, then one an hour, then one a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HOUR, DAY = 3600.0, 24 * 3600.0  # seconds

RECENT = 200
"""Moments of the last hour that stay: a program that writes the file every second makes more."""


class Sketch(NamedTuple):
    """What has to be known of a moment: when it was, in seconds since 1970, and how many bytes it takes."""

    id: int
    at: float
    bytes: int


def thin(moments: Sequence[Sketch], now: float, limit: int, oldest: float | None) -> set[int]:
    """The ids of those to let go, of moments in their order. The newest always stays.

    Of an hour (of a day) its last moment stays. Those before `oldest` go. Where the rest takes more than `limit` bytes,
    those go that are nearest to their neighbours for their age: what is left is dense lately, and reaches far back, as
    the oldest goes last.
    """
    kept: list[Sketch] = []
    seen: set[tuple[float, int]] = set()
    for moment in reversed(moments):
        slot = _slot(moment.at, now)
        is_old = oldest is not None and moment.at < oldest
        is_one_of_many = slot in seen if slot else len(kept) >= RECENT
        if not kept or not (is_old or is_one_of_many):
            kept.append(moment)
        if slot:
            seen.add(slot)
    kept.reverse()
    total = sum(moment.bytes for moment in kept)
    while total > limit and len(kept) > 1:
        place = min(range(1, len(kept) - 1), key=lambda n: _room(kept, n, now), default=0)
        total -= kept.pop(place).bytes
    return {moment.id for moment in moments} - {moment.id for moment in kept}


def _slot(at: float, now: float) -> tuple[float, int] | None:
    """The hour or day that a moment stands for; None where every moment stands for itself."""
    if now - at <= HOUR:
        return None
    span = HOUR if now - at <= DAY else DAY
    return span, int(at // span)


def _room(kept: Sequence[Sketch], place: int, now: float) -> float:
    """How long a gap would be without this moment, for its age."""
    return (kept[place + 1].at - kept[place - 1].at) / max(now - kept[place].at, 1.0)
