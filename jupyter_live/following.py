"""Keeping up with what other processes log: the layer rings the bell, the log is the truth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import UpdateLog
from jupyter_live.tail import Tail

log = logging.getLogger(__name__)

GRACE = 0.1  # seconds: rows of two processes may overtake each other, and this one's own are told last
RETRY = 0.5  # seconds between attempts to read a log that fails
AHEAD_LIMIT = 1000  # rows that are held until those before them are here; of more the log has to be asked

Take = Callable[[bytes, bool], None]


class Following:
    """Brings the rows of others into one replica, in the order of the log.

    A row is held until all before it are here: it may depend on them, and of updates that wait for others pycrdt, ours
    or that of a client, loses some for good (a row of one client that waits for two others, when one of those comes).
    `take` applies one, and is told whether it is as it was logged: some stand for many. `lost` hears that there is a
    new history.
    """

    def __init__(
        self, document: DocumentId, epoch: Epoch, tail: Tail, log: UpdateLog, take: Take, lost: Callable[[], None]
    ) -> None:
        self._document = document
        self._epoch = epoch
        self._tail = tail
        self._log = log
        self._take = take
        self._lost = lost
        self._known = tail.seq  # the newest row that anybody has told of
        self._ahead: dict[Seq, bytes] = {}
        self._reading: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Seq, asyncio.Future[None]]] = []
        self.reads = 0
        """How often the log had to be read, for want of a message."""

    def hear(self, last: Seq, updates: Sequence[bytes]) -> None:
        """Take rows that end with `last`; without `updates` they are in the log only."""
        for seq, update in enumerate(updates, last - len(updates) + 1):
            if not self._tail.has(Seq(seq)) and len(self._ahead) < AHEAD_LIMIT:
                self._ahead[Seq(seq)] = update
        self.go_on()
        self._let_go()
        self.told(last)

    def go_on(self) -> None:
        """Take what was held until now: this process' own rows may have been what was lacking."""
        if not self._ahead:  # as mostly, and always where there is no other process
            return
        while (update := self._ahead.pop(Seq(self._tail.seq + 1), None)) is not None:
            self._tail.add(Seq(self._tail.seq + 1))
            self._take(update, True)
        self._ahead = {seq: update for seq, update in self._ahead.items() if not self._tail.has(seq)}
        self._let_go()

    def told(self, seq: Seq) -> None:
        """The log has rows up to this one; those that do not come by themselves soon are read."""
        self._known = max(self._known, seq)
        if self._is_behind and self._reading is None:
            self._reading = asyncio.create_task(self._read(), name=f"jupyter-live-follow {self._document}")

    async def reached(self, seq: Seq) -> None:
        """Until all rows up to this one, which is in the log, are here. Raises LiveError when they will never be."""
        while self._tail.seq < seq:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append((seq, waiter))
            self.told(seq)
            await waiter

    def look(self) -> None:
        """There may be rows, or a new history, of which nobody has told."""
        self.told(Seq(self._tail.last + 1))

    async def close(self) -> None:
        self._give_up()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def _let_go(self) -> None:
        for waiting in [each for each in self._waiting if each[0] <= self._tail.seq]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    @property
    def _is_behind(self) -> bool:
        return self._tail.seq < self._known

    async def _read(self) -> None:
        try:
            await asyncio.sleep(GRACE)
            while self._is_behind:
                try:
                    if not await self._catch_up():
                        break
                except Exception as error:
                    log.warning("log_failed: %s cannot be followed: %r", self._document, error)
                    await asyncio.sleep(RETRY)
        finally:
            self._reading = None

    async def _catch_up(self) -> bool:
        """Read what is lacking; False when the history is another by now."""
        self.reads += 1
        rows = await self._log.after(self._document, self._epoch, self._tail.seq)
        if rows is None:
            self._give_up()
            self._lost()
            return False
        for row in rows:
            is_new, is_one = not self._tail.has(row.seq), row.seq == self._tail.seq + 1
            self._tail.reach(row.seq)
            if is_new:
                self._take(row.data, is_one)
        self.go_on()
        self._let_go()
        if not rows:  # told of rows that the log does not have (any more): nobody can have them
            self._known = self._tail.seq
            self._give_up()
        return True

    def _give_up(self) -> None:
        """Nobody waits any longer: what is waited for may hold a lock that others want."""
        waiting, self._waiting = self._waiting, []
        for _, waiter in waiting:
            if not waiter.done():
                waiter.set_exception(LiveError("unknown_session", f"{self._document}: rows that are not in the log"))
