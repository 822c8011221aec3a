"""Making a failing list of steps short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(steps: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """Leave out what can be left out (delta debugging): the result fails, and no part of a size tried can go."""
    left, size = list(steps), max(len(steps) // 2, 1)
    while True:
        at, before = 0, len(left)
        while at < len(left):
            fewer = left[:at] + left[at + size :]
            if fewer and fails(fewer):
                left = fewer
            else:
                at += size
        if size == 1 and len(left) == before:
            return left
        size = max(min(size // 2, len(left) // 2), 1)
