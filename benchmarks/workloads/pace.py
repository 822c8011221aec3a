"""Doing things at a steady rate, and at the moments that chance chooses."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Callable

from benchmarks.board import percentile
from benchmarks.window import Figures

BUSY = 0.02  # seconds late


async def evenly(acts: list[Callable[[], None]], rate: float, seconds: float) -> array[float]:
    """Do each of these `rate` times a second, at a random moment within each 1/rate of a second.

    Returns by how many seconds each was done too late.
    """
    chance, loop, late = random.Random(1), asyncio.get_running_loop(), array("d")
    start = loop.time() + 0.01
    moments = [
        (start + (beat + chance.random()) / rate, act) for act in acts for beat in range(max(1, int(seconds * rate)))
    ]
    for moment, act in sorted(moments, key=lambda each: each[0]):
        await asyncio.sleep(max(0.0, moment - loop.time()))  # also when late: what comes must be taken meanwhile
        late.append(loop.time() - moment)
        act()
    return late


def note_late(figures: Figures, late: array[float]) -> None:
    """Say so if this process did not come to its turn: the figures are this machine's then, not the server's."""
    figures.values["sent late p99 ms"] = 1000 * percentile(late, 0.99)
    if percentile(late, 0.99) > BUSY:
        figures.notes.append("this machine was busy")
