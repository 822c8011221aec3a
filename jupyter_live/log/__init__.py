"""The log port: ordered, durable updates of each document over a base snapshot. The truth about a document.

Implementation: `sql.py` on Django's ORM. The contract suite is `jupyter_live.testing.LogContract`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """By what content we know the file again as our own work.

    `written` is what it held when last read or written, `writing` what was about to be written since: whoever dies
    between the two leaves either.
    """

    written: str = ""
    writing: str = ""

    def __contains__(self, fingerprint: object) -> bool:
        return fingerprint in (self.written, self.writing)


@dataclass(frozen=True, slots=True)
class History:
    """One epoch of a document as the log has it: `base` plus `rows`, up to `seq`."""

    epoch: Epoch
    base: bytes
    rows: list[bytes] = field(default_factory=list)
    seq: Seq = Seq(0)
    file: Fingerprints = Fingerprints()


@dataclass(slots=True)
class Entry:
    """A row on its way into the log. Either `done` or `lost` is called once, on the event loop.

    `done` when the row is durable, in order of `seq`. `lost` when the document has another epoch by now: the row is
    not stored and never will be, and whoever waits for it has to reload the document.
    """

    document: DocumentId
    epoch: Epoch
    update: bytes
    author: str
    done: Callable[[Seq], None]
    lost: Callable[[], None] = lambda: None


class UpdateLog(Protocol):
    async def load(self, document: DocumentId) -> History | None:
        """The current epoch of a document, with all that was appended and marked so far; None when there is none yet.

        Raises LiveError `log_failed` when some of that cannot be written now.
        """

    async def begin(self, document: DocumentId, base: bytes, file: Fingerprints) -> History:
        """Start a new epoch on `base`, in place of the one there was."""

    async def set_aside(self, document: DocumentId) -> str:
        """Keep the current epoch under another id, which is returned, so that `begin` does not replace it."""

    def append(self, entry: Entry) -> None:
        """Queue a row; returns at once. Rows are durable in the order of these calls, many with one commit.

        When the log cannot be written, rows are kept and tried again, and `on_health` hears of it; nothing is dropped
        but rows of an epoch that is no more (see `Entry.lost`).
        """

    def mark(self, document: DocumentId, epoch: Epoch, file: Fingerprints) -> None:
        """Note what the file holds. Durable in order with the rows."""

    async def flush(self) -> None:
        """Until everything appended and marked before the call is durable. Raises LiveError `log_failed`."""

    async def compact(self, document: DocumentId) -> None:
        """Fold the rows of the current epoch into its base, as nobody has the document open any more.

        The log also does this by itself when the rows have become many. Safe against a crash at any point.
        """

    async def close(self) -> None:
        """Flush, as far as possible, and release files and threads."""

    on_health: Callable[[LiveError | None], None]
    """Called on the event loop with an error when writing starts to fail, and with None when it works again."""
