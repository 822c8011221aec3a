"""The listener port: who wants to know what happens to documents and the people in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from jupyter_live.ids import DocumentName, Fork


class What(str, Enum):
    """What happens."""

    OPENED = "opened"
    """A document is in memory from now on,"""
    CLOSED = "closed"
    """and is not any more."""
    SAVED = "saved"
    """Its file has been brought up to date."""
    MERGED = "merged"
    """What somebody else did to its file is in the document."""
    FAILED = "failed"
    """Its file could not be saved, or is gone or broken: `message`."""
    JOINED = "joined"
    """Somebody, `who`, has opened it on one more socket."""
    LEFT = "left"
    """One of their sockets is gone."""
    FORKED = "forked"
    """Somebody has made a `fork` of it."""
    UNFORKED = "unforked"
    """Somebody has deleted that, or merged it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """`path` is where the document's file is, below the server's root; empty where it has none in this process."""

    what: What
    name: DocumentName
    path: str = ""
    who: str = ""
    message: str = ""
    fork: Fork | None = None


Listen = Callable[[Happening], None]
"""Hears of it on the event loop; returns at once, and does not raise."""
