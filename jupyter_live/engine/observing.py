"""Observing what the engine tells, no longer than there is somebody to tell."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pycrdt


def observe(source: pycrdt.Doc[Any] | pycrdt.Array[Any], owner: object, method: Callable[[Any], None]) -> None:
    """Have a method of `owner` called with each event of `source`, as long as there is an owner.

    The engine's memory holds the callback, and that the document: a circle that Python's garbage collector does not see
    through. Left to itself, each document that was ever opened stays in memory, 30 kB at the least.
    """
    told = weakref.WeakMethod(method)

    def tell(event: Any) -> None:
        if call := told():
            call(event)

    subscription = source.observe(tell)
    weakref.finalize(owner, source.unobserve, subscription).atexit = False
