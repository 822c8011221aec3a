"""The log port: ordered, durable updates of each document over a base snapshot. The truth about a document.

Implementation: `sql.py` on Django's ORM. The contract suite is `jupyter_live.testing.LogContract`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Fork, Seq
from jupyter_live.log.moments import Moments


@dataclass(frozen=True, slots=True)
class FileMark:
    """A content of the file, and where it is in the history: replaying base and rows up to `seq` gives that content.

    So do those and the rows `also`, where rows of other processes came in between that it did not have. Without a
    fingerprint it marks nothing. A `seq` below the base's cannot be replayed any more.
    """

    fingerprint: str = ""
    seq: Seq = Seq(0)
    also: tuple[Seq, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """By what content we know the file again as our own work.

    `written` is what it held when last read or written, `writing` what was about to be written since: whoever dies
    between the two leaves either. `merged` is the fingerprint of what somebody else has put there since `written`, and
    that is in the document by now; no replay gives it by itself.
    """

    written: FileMark = FileMark()
    writing: FileMark = FileMark()
    merged: str = ""

    def __contains__(self, fingerprint: object) -> bool:
        return fingerprint in (self.written.fingerprint, self.writing.fingerprint, self.merged)

    @property
    def bases(self) -> list[FileMark]:
        """What may have been in the file before somebody else changed it."""
        if self.merged:
            # Whoever changed it began with what is merged, or with what was to be written on top. Both have grown out
            # of `written`; taking one for the other would take what only one has for deleted.
            return [self.written]
        return [self.written, self.writing]

    @property
    def seqs(self) -> set[Seq]:
        """Rows after which the history must stay in two, so that contents that the file may have can be replayed."""
        marks = [mark for mark in (self.written, self.writing) if mark.fingerprint]
        alone = {seq for mark in marks for seq in mark.also}
        return {mark.seq for mark in marks} | alone | {Seq(seq - 1) for seq in alone}


class Row(NamedTuple):
    """One logged update. It stands for every seq since the row before it: compaction makes one row of many."""

    seq: Seq
    data: bytes


@dataclass(frozen=True, slots=True)
class History:
    """One epoch of a document as the log has it: `base`, which stands for all up to `base_seq`, then `rows`."""

    epoch: Epoch
    base: bytes
    base_seq: Seq = Seq(0)
    rows: list[Row] = field(default_factory=list)
    file: Fingerprints = Fingerprints()

    @property
    def seq(self) -> Seq:
        """Of the last row."""
        return self.rows[-1].seq if self.rows else self.base_seq

    def up_to(self, seq: Seq, also: Collection[Seq] = ()) -> list[bytes] | None:
        """The updates to replay for the document as of `seq`, and of the rows `also`; None when that is lost.

        It is when a row before and one after it have become one.
        """
        kept = [Row(self.base_seq, self.base), *self.rows]
        if not {row.seq for row in kept}.issuperset([seq, *also]):
            return None
        return [row.data for row in kept if row.seq <= seq or row.seq in also]


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

    async def after(self, document: DocumentId, epoch: Epoch, seq: Seq) -> list[Row] | None:
        """The durable rows of a history after `seq`, in order; None when the document has another epoch by now.

        The first may also stand for rows up to `seq`, if some have been folded meanwhile.
        """

    async def tails(self, documents: Sequence[DocumentId]) -> dict[DocumentId, tuple[Epoch, Seq]]:
        """The epoch of each document that there is, and its last durable row."""

    async def lock(self, document: DocumentId) -> bool:
        """Whether this process, and no other, may do now what one should do for a document; until `unlock`.

        It outlives the connection to the database. It ends with the process, or a while later where that was lost.
        """

    async def unlock(self, document: DocumentId) -> None:
        """Let others have it: as soon as all that has been appended is durable, where that cannot be now."""

    async def knows(self, document: DocumentId) -> bool:
        """Whether there is any history of a document."""

    async def begin(self, document: DocumentId, base: bytes, file: Fingerprints, epoch: Epoch | None = None) -> History:
        """Start a history on `base`, in place of the one there was. `epoch` is given when a client has kept it."""

    async def rename(self, document: DocumentId) -> Epoch:
        """Give the current history another epoch, which is returned; rows, seqs and marks stay.

        Who knows it by the old one cannot sync with it any more. What it was then is kept for a while, as `former`.
        """

    async def former(self, document: DocumentId, epoch: Epoch) -> bytes | None:
        """All of a history that had this epoch, as it was when it got another one; None when that is not known."""

    async def remember(self, document: DocumentId, epoch: Epoch, updates: Sequence[bytes]) -> None:
        """Note what a history of this epoch, which is not the current one, had besides what is known: for `former`."""

    async def begin_fork(self, fork: Fork, base: bytes, limit: int) -> History:
        """Start the history of a fork on `base`, which all that comes later can be told from: it is never folded.

        Raises LiveError `too_many_forks` where the root has as many as `limit`.
        """

    async def move_fork(self, fork: Fork, base: bytes, updates: Sequence[bytes]) -> History:
        """Start a fork's history anew, in place of the one there was, on `base` with `updates` after it.

        What it was goes on to be known, as `former`.
        """

    async def fork(self, fork_id: str) -> Fork | None: ...

    async def forks(self, root: DocumentId) -> list[Fork]:
        """The forks of a document, the oldest first."""

    async def end_fork(self, fork: Fork) -> None:
        """Delete a fork with its history. What is still on its way into that is lost."""

    async def set_aside(self, document: DocumentId) -> str:
        """Keep the current epoch under another id, which is returned, so that `begin` does not replace it."""

    def append(self, entry: Entry) -> None:
        """Queue a row; returns at once. Rows are durable in the order of these calls, many with one commit.

        When the log cannot be written, rows are kept and tried again, and `on_health` hears of it; nothing is dropped
        but rows of an epoch that is no more (see `Entry.lost`).
        """

    def mark(self, document: DocumentId, epoch: Epoch, file: Fingerprints) -> None:
        """Note what the file holds. Durable in order with the rows."""

    def restore(self, document: DocumentId, epoch: Epoch, base: bytes, file: Fingerprints) -> None:
        """Store a whole document again, as `on_reset` asks for; returns at once.

        `base` is all of it now. Its seqs go on where they were. It is written before any row that is not durable yet.
        """

    async def flush(self, *, patient: bool = False) -> None:
        """Until everything appended and marked before the call is durable. Raises LiveError `log_failed`.

        Who is `patient` has the log write it together with what others bring, a moment later.
        """

    async def compact(self, document: DocumentId) -> None:
        """Make few rows of many, as nobody has the document open any more.

        The log also does this by itself when the rows have become many. Safe against a crash at any point. What the
        file is marked to hold can still be replayed: rows up to the older of both marks go into the base, those after
        each become one row. Without marks everything goes into the base.
        """

    async def close(self) -> None:
        """Flush, as far as possible, and release files and threads."""

    moments: Moments
    """What documents were before."""

    is_shared: bool
    """Whether other processes write into it, too: then rows may be there that this one has not seen."""

    health: LiveError | None
    """What is wrong with the log now."""

    on_health: Callable[[LiveError | None], None]
    """Called on the event loop when `health` changes: writing starts to fail, or works again."""

    on_reset: Callable[[], None]
    """Called on the event loop when all histories are gone: their database was damaged and a new one has begun.

    Whoever has a document open calls `restore` for it, in this very turn; else its next rows are `lost`.
    """
