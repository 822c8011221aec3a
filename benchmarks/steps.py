"""One window of a plan, by name: what tables and budgets need to know of it."""

from __future__ import annotations

from dataclasses import dataclass

OURS = "live"


@dataclass(frozen=True)
class Step:
    """One window. `turn` is the round that it belongs to: ratios are of windows of the same turn."""

    workload: str
    server: str
    seconds: float
    turn: int
