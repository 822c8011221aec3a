"""Group commit: rows that come while one commit is under way go into the next one together."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, Fingerprints

log = logging.getLogger(__name__)

RETRY_FIRST, RETRY_MAX = 0.2, 5.0  # seconds between attempts while the log cannot be written


@dataclass(frozen=True, slots=True)
class Mark:
    """What a document's file holds."""

    document: DocumentId
    epoch: Epoch
    file: Fingerprints


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows that are not durable yet, and for how many seconds the oldest has waited."""

    rows: int = 0
    seconds: float = 0.0


Commit = Callable[[Sequence[Entry], Sequence[Mark]], Awaitable[Sequence[Seq | None]]]
"""Makes rows and marks durable; gives each row's seq, or None when its epoch is no more and it was left out."""

Merge = Callable[[Sequence[bytes]], bytes]

PACE = 0.2  # seconds between two commits: each costs as much as 20 rows
SHARED_PACE = 0.03  # where other processes hear of a row only once it is durable

LATE = 4.0  # seconds after which people are told that what they do is not kept yet

SQUEEZE_AT = 500  # rows that may queue while the log fails, before those of one document become one row


class GroupCommit:
    """Queues rows and commits them in order. A lone row is committed at once; those that follow wait `pace` at most.

    Rows stay queued until they are durable. While commits fail, they are tried again; `health` hears of the first
    failure and of the recovery.
    """

    def __init__(
        self, commit: Commit, merge: Merge, health: Callable[[LiveError | None], None], pace: float = PACE
    ) -> None:
        self._commit = commit
        self._merge = merge
        self._health = health
        self._pace = pace
        self._entries: list[Entry] = []
        self._marks: dict[DocumentId, Mark] = {}
        self._task: asyncio.Task[None] | None = None
        self._failing = False
        # When the oldest row was queued that is being committed, and the oldest of those that came since.
        self._since: float | None = None
        self._since_then: float | None = None
        # Counts of rows and marks, for whoever waits for some of them while others keep coming.
        self._queued = self._durable = 0
        self._tried = asyncio.Event()  # set, and replaced, after every attempt
        self._hurried = asyncio.Event()  # somebody waits for what is queued

    @property
    def backlog(self) -> Backlog:
        """What waits now."""
        since = self._since_then if self._since is None else self._since
        return Backlog(len(self._entries), 0.0 if since is None else time.monotonic() - since)

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)
        if self._since_then is None:
            self._since_then = time.monotonic()
        self._added()

    def mark(self, mark: Mark) -> None:
        self._marks[mark.document] = mark
        self._added()

    def holds(self, document: DocumentId) -> bool:
        """Whether something of a document is not durable yet."""
        return document in self._marks or any(entry.document == document for entry in self._entries)

    async def flush(self, *, patient: bool = False) -> None:
        """Until what is queued now is durable; who is `patient` waits for the next commit that comes anyway.

        Raises LiveError `log_failed` instead of waiting for a log that cannot be written.
        """
        number = self._queued
        while self._durable < number:
            if not patient:
                self._hurried.set()
            if self._failing or self._task is None:
                raise LiveError("log_failed")
            await self._tried.wait()

    async def close(self) -> None:
        """Flush, unless the log is failing: then the rows are lost with the process, and were never acknowledged."""
        try:
            while self._entries or self._marks:
                await self.flush()
        except LiveError:
            log.error("log_failed: changes that could not be logged end with this process")
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait([self._task])

    def _added(self) -> None:
        self._queued += 1
        if self._task is None:
            # In a context of its own: what it logs is not of the socket whose change came first.
            loop = asyncio.get_running_loop()
            self._task = contextvars.Context().run(loop.create_task, self._run(), name="jupyter-live-commit")

    async def _run(self) -> None:
        try:
            while self._entries or self._marks:
                self._hurried.clear()
                await self._commit_all()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), self._pace)
        finally:
            self._task = None
            self._wake()

    async def _commit_all(self) -> None:
        pause = RETRY_FIRST
        while True:
            entries, marks, number = [*self._entries], {**self._marks}, self._queued
            self._since, self._since_then = self._since_then if self._since is None else self._since, None
            try:
                seqs = await self._in_time(entries, [*marks.values()])
                break
            except Exception as error:
                self._report(LiveError("log_failed", str(error)))
                self._wake()
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_MAX)
                self._entries = self._squeezed(self._entries)
        del self._entries[: len(entries)]
        self._since = None
        self._marks = {of: mark for of, mark in self._marks.items() if mark is not marks.get(of)}
        self._durable = number
        self._wake()
        self._report(None)
        for entry, seq in zip(entries, seqs, strict=True):
            try:
                if seq is None:
                    entry.lost()
                else:
                    entry.done(seq)
            except Exception:  # what is wrong in one room must not keep the others from their acknowledgements
                log.exception("server_error: %s could not take that a change is logged", entry.document)

    async def _in_time(self, entries: Sequence[Entry], marks: Sequence[Mark]) -> Sequence[Seq | None]:
        """Commit; tell of a log that does not answer, which may still do it."""
        commit = asyncio.ensure_future(self._commit(entries, marks))
        try:
            done, _ = await asyncio.wait({commit}, timeout=LATE)
            if not done:
                self._report(LiveError("log_failed", f"no answer for {LATE:g} s"))
                self._wake()
            return await commit
        finally:
            commit.cancel()

    def _wake(self) -> None:
        self._tried.set()
        self._tried = asyncio.Event()

    def _squeezed(self, entries: list[Entry]) -> list[Entry]:
        """The same content in fewer rows when there are many: what queues is bounded by the documents themselves."""
        if len(entries) <= SQUEEZE_AT:
            return entries
        groups: dict[tuple[DocumentId, Epoch], list[Entry]] = {}
        for entry in entries:
            groups.setdefault((entry.document, entry.epoch), []).append(entry)
        return [self._joined(group) for group in groups.values()]

    def _joined(self, group: list[Entry]) -> Entry:
        def done(seq: Seq) -> None:
            for entry in group:
                entry.done(seq)

        def lost() -> None:
            for entry in group:
                entry.lost()

        update = self._merge([entry.update for entry in group])
        return Entry(group[0].document, group[0].epoch, update, group[0].author, done, lost)

    def _report(self, error: LiveError | None) -> None:
        if (error is not None) == self._failing:
            return
        self._failing = error is not None
        if error:
            log.error("%s", error)
        else:
            log.warning("the log can be written again")
        self._health(error)
