"""A room's rows on their way into the log, and what waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, Fingerprints, UpdateLog
from jupyter_live.tail import Tail

Call = Callable[[], None]
Publish = Callable[[Epoch, Seq, bytes], None]


ALSO_LIMIT = 1000  # rows beyond a gap: whoever has more has not heard of others for long, and its log has not either


class _Row:
    """One on its way, and what is to be done when it is durable."""

    __slots__ = ("calls", "seq")

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.seq = Seq(0)


class Journal:
    """Records updates in order. `publish` hears of each row that is durable, `lost` of one that never will be."""

    def __init__(
        self, document: DocumentId, epoch: Epoch, tail: Tail, log: UpdateLog, publish: Publish, lost: Call
    ) -> None:
        self.tail = tail
        """The rows that are durable, and here."""
        self._document = document
        self._epoch = epoch
        self._log = log
        self._publish = publish
        self._lost = lost
        self._on_the_way: deque[_Row] = deque()
        """The rows that are not durable yet, in order."""
        self.wrote: Callable[[str], None] = lambda author: None
        """Hears whose each change is that is recorded."""
        self.queued: Callable[[bytes], None] = lambda update: None
        """Hears each update when it is queued for the log: what is logged in that call comes after it there."""
        self._holds = 0
        self._held: list[Entry] = []
        self._held_up: LiveError | None = None
        self._is_settled = asyncio.Event()
        """Nothing is held, or it is held up."""
        self._is_settled.set()

    def record(self, update: bytes, author: str) -> None:
        """Log an update, then tell the other processes."""
        self.wrote(author)
        self._on_the_way.append(_Row())

        def recorded(seq: Seq) -> None:
            self.tail.add(seq)
            self._publish(self._epoch, seq, update)
            row = self._on_the_way.popleft()
            row.seq = seq
            for call in row.calls:
                call()

        def lost() -> None:
            self._on_the_way.popleft()
            self._lost()

        entry = Entry(self._document, self._epoch, update, author, recorded, lost)
        if self._holds:
            self._held.append(entry)
        else:
            self._append(entry)

    def _append(self, entry: Entry) -> None:
        self._log.append(entry)
        self.queued(entry.update)

    def hold(self) -> None:
        """What is recorded until `release` becomes durable at once: a crash leaves all of it, or nothing."""
        self._holds += 1
        if not self._held_up:
            self._is_settled.clear()

    def held_up(self, error: LiveError) -> None:
        """What is held cannot be released for now: nobody waits for it until it is."""
        self._held_up = error
        self._is_settled.set()

    def release(self) -> None:
        """As many calls as of `hold` let go of what was held."""
        self._holds -= 1
        if self._holds == 0:
            held, self._held = self._held, []
            for entry in held:  # in one turn of the event loop, so that one commit takes them
                self._append(entry)
            self._held_up = None
            self._is_settled.set()

    def when_durable(self, call: Call) -> None:
        """Do `call` as soon as all that has been recorded so far is durable: now, if it is already."""
        if self._on_the_way:
            self._on_the_way[-1].calls.append(call)
        else:
            call()

    def when_known(self, tell: Callable[[Seq, tuple[Seq, ...]], None]) -> None:
        """Tell, when it is durable, which rows the document as it is now has: all up to one, and these.

        There are such where rows of other processes come in between.
        """
        whole, ahead, own = self.tail.seq, self.tail.ahead, [*self._on_the_way]

        def known() -> None:
            seq, also = whole, sorted({*ahead, *(row.seq for row in own)})
            while also and also[0] <= seq + 1:
                seq = max(seq, also.pop(0))
            tell(seq, tuple(also) if len(also) <= ALSO_LIMIT else ())

        self.when_durable(known)

    def mark(self, file: Fingerprints) -> None:
        """Note what the file holds."""
        self._log.mark(self._document, self._epoch, file)

    def restore(self, whole: bytes, file: Fingerprints) -> None:
        """Log the whole document again, before what is on the way."""
        self._log.restore(self._document, self._epoch, whole, file)

    async def flush(self, *, patient: bool = False) -> None:
        """Until all that has been recorded so far is durable. Raises LiveError `log_failed`. See `UpdateLog.flush`."""
        await self._is_settled.wait()
        if self._held_up:
            raise self._held_up
        await self._log.flush(patient=patient)
