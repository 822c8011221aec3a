"""The timeline port: what a document's content was at moments worth going back to. They outlive epochs and folding.

Implementation: `keeping.py` on Django's ORM. The contract suite is `jupyter_live.testing.MomentsContract`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jupyter_live.ids import DocumentId, Epoch

LIMIT = 32 * 2**20
"""Compressed bytes of moments that are kept of one document. A single one above that is not kept."""

FILE = "file"
"""The author of what another program has put into the file."""


class Author(NamedTuple):
    """Who has changed a document, as they were called and coloured then. `color` is CSS, empty where nobody knows."""

    username: str
    name: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class NewMoment:
    """A content on its way into the timeline.

    `at` is in seconds since 1970. `data` is packed by `files/packing.py`, `size` counts the bytes before that.
    `added` and `removed` count lines against the moment before. `restored` is when the moment was that this one brings
    back, None for any other.
    """

    at: float
    authors: tuple[Author, ...]
    fingerprint: str
    data: bytes
    size: int
    added: int
    removed: int
    restored: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A content that is kept, without that content. `id` rises with time."""

    id: int
    at: float
    authors: tuple[Author, ...]
    fingerprint: str
    size: int
    added: int
    removed: int
    restored: float | None = None


class Moments(Protocol):
    """All methods raise LiveError `log_failed` when the database cannot be used now."""

    async def of(self, document: DocumentId) -> list[Moment]:
        """The moments of a document, the oldest first."""

    async def get(self, document: DocumentId, number: int) -> tuple[Moment, bytes] | None:
        """One moment and its data; None when it is not kept, or never was."""

    async def add(self, document: DocumentId, moment: NewMoment) -> Moment | None:
        """Keep a moment, durable on return, and thin out older ones; see `thinning.py`.

        None, and nothing is kept, when the newest one has the same content already, or it is larger than `LIMIT`.
        """

    async def authors(self, document: DocumentId, epoch: Epoch, since: float, until: float) -> list[str]:
        """Whose rows the log has of a time, logged in this or another process, as far as they are not folded."""
