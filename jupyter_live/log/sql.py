"""The update log on Django's ORM. All database work is done on one thread of its own, never on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Fork, Seq
from jupyter_live.log import Entry, Fingerprints, History, Row, rows, store
from jupyter_live.log.compaction import SPARE, Compaction
from jupyter_live.log.database import give_back, is_shared
from jupyter_live.log.keeping import SqlMoments
from jupyter_live.log.locks import SqlLocks
from jupyter_live.log.moments import Moments
from jupyter_live.log.store import Restored
from jupyter_live.log.thread import CLOSING, DatabaseThread, Renewed
from jupyter_live.log.writer import PACE, SHARED_PACE, Backlog, GroupCommit, Mark

log = logging.getLogger(__name__)

DAY = 24 * 3600.0  # seconds
PRUNE_AT_ONCE = 20  # histories: what is to be logged waits so long
UNLOCK_AGAIN = 0.5  # seconds between attempts

Fold = Callable[[Sequence[bytes]], bytes]
FoldOnto = Callable[[Sequence[bytes], Sequence[bytes]], bytes]


class SqlLog:
    """An `UpdateLog` in a SQL database.

    `merge` makes one update of many, `fold` also drops what was deleted, `fold_onto` makes one of those that come after
    others: all are the engine's. `trouble` is what is wrong for as long as the server runs.
    """

    def __init__(self, merge: Fold, fold: Fold, fold_onto: FoldOnto, trouble: LiveError | None = None) -> None:
        self._fold = fold
        self._fold_onto = fold_onto
        self._trouble = self.health = trouble
        self._thread = DatabaseThread(self._renewed)
        self._locks = SqlLocks(self._thread)
        self._unlocking: set[asyncio.Task[None]] = set()
        self._moments = SqlMoments(self._thread)
        self.moments: Moments = self._moments
        self._compaction = Compaction()
        self.is_shared = is_shared()
        self._writer = GroupCommit(self._commit, merge, self._health, SHARED_PACE if self.is_shared else PACE)
        self._last: dict[DocumentId, Seq] = {}
        self._restored: dict[DocumentId, Restored] = {}
        self._forks: dict[DocumentId, Fork] = {}
        """Those that were asked for and are not closed: a new database has to be told what they are."""
        self._retention: asyncio.Task[None] | None = None
        self._folding: dict[DocumentId, asyncio.Task[None]] = {}
        self.on_health: Callable[[LiveError | None], None] = lambda error: None
        self.on_reset: Callable[[], None] = lambda: None

    async def load(self, document: DocumentId) -> History | None:
        if self._writer.holds(document):  # a room that is gone left them to a log that failed
            await self.flush()
        history = await self._thread.ask(store.load, document)
        if history is not None:
            self._last[document] = history.seq
            self._compaction.opened(document, len(history.base), [row.data for row in history.rows])
        return history

    async def after(self, document: DocumentId, epoch: Epoch, seq: Seq) -> list[Row] | None:
        return await self._thread.ask(store.after, document, epoch, seq)

    async def tails(self, documents: Sequence[DocumentId]) -> dict[DocumentId, tuple[Epoch, Seq]]:
        found = await self._thread.ask(rows.last_seqs, documents)
        return {document: (epoch, seq) for (document, epoch), seq in found.items()}

    async def lock(self, document: DocumentId) -> bool:
        if not self.is_shared:
            return True
        taking = asyncio.ensure_future(self._locks.take(document))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            self._keep_unlocking(self._unlock_if_taken(document, taking))
            raise

    async def unlock(self, document: DocumentId) -> None:
        if self.is_shared and not await self._unlocked(document):
            self._keep_unlocking(self._unlock_later(document))

    def _keep_unlocking(self, unlocking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(unlocking, name="jupyter-live-unlock")
        self._unlocking.add(task)
        task.add_done_callback(self._unlocking.discard)

    async def _unlock_if_taken(self, document: DocumentId, taking: Awaitable[bool]) -> None:
        """Nobody waits for the lock any more that is being taken."""
        with suppress(LiveError):
            if await taking:
                await self._unlock_later(document)

    async def _unlocked(self, document: DocumentId) -> bool:
        try:
            await self.flush()
            await self._locks.release(document)
        except LiveError:
            return False
        return True

    async def _unlock_later(self, document: DocumentId) -> None:
        while not await self._unlocked(document):  # noqa: ASYNC110  the database is away
            await asyncio.sleep(UNLOCK_AGAIN)

    async def knows(self, document: DocumentId) -> bool:
        return await self._thread.ask(store.knows, document)

    async def begin(self, document: DocumentId, base: bytes, file: Fingerprints, epoch: Epoch | None = None) -> History:
        history = await self._thread.ask(store.begin, document, base, file, epoch)
        self._last[document] = history.seq
        self._compaction.opened(document, len(base))
        return history

    async def rename(self, document: DocumentId) -> Epoch:
        return await self._thread.run(store.rename, document, self._fold)

    async def former(self, document: DocumentId, epoch: Epoch) -> bytes | None:
        return await self._thread.ask(store.former, document, epoch)

    async def remember(self, document: DocumentId, epoch: Epoch, updates: Sequence[bytes]) -> None:
        known = await self.former(document, epoch)
        whole = await asyncio.to_thread(self._fold, [known, *updates] if known else updates)
        await self._thread.ask(store.remember, document, epoch, whole)

    async def begin_fork(self, fork: Fork, base: bytes, limit: int) -> History:
        history = await self._thread.ask(store.begin_fork, fork, base, limit)
        if history is None:
            raise LiveError("too_many_forks", f"{fork.root} has {limit}")
        return history

    async def move_fork(self, fork: Fork, base: bytes, updates: Sequence[bytes]) -> History:
        history = await self._thread.run(store.move_fork, fork, base, updates, self._fold)
        self._forks[fork.document] = fork
        self._last[fork.document] = history.seq
        self._compaction.opened(fork.document, len(base), updates)
        return history

    async def fork(self, fork_id: str) -> Fork | None:
        found = await self._thread.ask(store.fork, fork_id)
        if found:
            self._forks[found.document] = found
        return found

    async def forks(self, root: DocumentId) -> list[Fork]:
        return await self._thread.ask(store.forks, root)

    async def end_fork(self, fork: Fork) -> None:
        await self._thread.ask(store.end_fork, fork.document)
        self._closed(fork.document)

    async def set_aside(self, document: DocumentId) -> str:
        return await self._thread.run(store.set_aside, document)

    @property
    def backlog(self) -> Backlog:
        """What waits to become durable."""
        return self._writer.backlog

    def append(self, entry: Entry) -> None:
        self._writer.append(entry)

    def mark(self, document: DocumentId, epoch: Epoch, file: Fingerprints) -> None:
        self._writer.mark(Mark(document, epoch, file))

    def restore(self, document: DocumentId, epoch: Epoch, base: bytes, file: Fingerprints) -> None:
        last, fork = self._last.get(document, Seq(0)), self._forks.get(document)
        self._restored[document] = Restored(document, epoch, base, last, file, fork)
        self.mark(document, epoch, file)

    async def flush(self, *, patient: bool = False) -> None:
        await self._writer.flush(patient=patient)

    async def compact(self, document: DocumentId) -> None:
        await self.flush()
        if document in self._folding:
            await asyncio.wait([self._folding[document]])
        await self._compact(document, spare=0)
        self._closed(document)

    def _closed(self, document: DocumentId) -> None:
        self._compaction.closed(document)
        self._last.pop(document, None)
        self._forks.pop(document, None)

    def retain(self, days: float) -> None:
        """From now on, delete histories that were not used for so long and have nothing that the file lacks.

        Moments of a timeline are kept no longer than that either.
        """
        self._moments.days = days
        self._retention = asyncio.create_task(self._prune_daily(timedelta(days=days)), name="jupyter-live-retention")

    async def close(self) -> None:
        if self._retention is not None:
            self._retention.cancel()
        await self._writer.close()
        if self._unlocking:
            for task in self._unlocking:
                task.cancel()
            await asyncio.wait(self._unlocking)
        releasing = asyncio.ensure_future(self._locks.close())
        await asyncio.wait({releasing}, timeout=CLOSING)  # a database that hangs must not keep the process from ending
        if self._folding:
            await asyncio.wait(self._folding.values())
        await self._thread.close()
        await releasing

    async def _commit(self, entries: Sequence[Entry], marks: Sequence[Mark]) -> list[Seq | None]:
        restored = {**self._restored}
        try:
            seqs = await self._thread.run(store.commit, entries, marks, [*restored.values()])
        except Renewed:  # by now the rooms have given their documents to the new database
            restored = {**self._restored}
            seqs = await self._thread.run(store.commit, entries, marks, [*restored.values()])
        self._restored = {of: each for of, each in self._restored.items() if each is not restored.get(of)}
        stored = [(entry, seq) for entry, seq in zip(entries, seqs, strict=True) if seq is not None]
        self._last.update({entry.document: seq for entry, seq in stored})
        if lost := len(entries) - len(stored):
            log.warning("unknown_session: %d changes of documents with a new history by now were not logged", lost)
        for document in self._compaction.logged([entry for entry, _ in stored]):
            self._compact_soon(document)
        if self._restored:  # meanwhile the database was found damaged, and what has just been committed is gone with it
            return await self._commit(entries, marks)
        return seqs

    def _compact_soon(self, document: DocumentId) -> None:
        """Not within the commit: nobody's acknowledgements wait the 2 s in which 18 MB are folded."""
        if document not in self._folding:
            task = asyncio.create_task(self._compact(document, SPARE), name=f"jupyter-live-fold {document}")
            self._folding[document] = task
            task.add_done_callback(lambda _: self._folding.pop(document, None))

    async def _compact(self, document: DocumentId, spare: int) -> None:
        try:
            found = await self._thread.run(store.to_fold, document, spare)
            if found is None:
                return
            epoch, groups = found
            folded = await asyncio.to_thread(self._folded, groups)
            rest = await self._thread.run(store.put_folded, document, epoch, folded)
            await self._thread.run(give_back)
        except Renewed:
            pass  # there is nothing to fold in a new database
        except LiveError as error:
            log.warning("%s is not compacted: %s", document, error)
            self._compaction.failed(document)
        except Exception:
            log.exception("%s could not be compacted; its log goes on growing", document)
            self._compaction.failed(document)
        else:
            if rest is None:
                self._compaction.failed(document)
            else:
                self._compaction.opened(document, sum(len(group.data) for group in folded), rest)

    def _folded(self, groups: Sequence[store.Group]) -> list[store.Group]:
        done: list[store.Group] = []
        for group in groups:
            updates, before = [row.data for row in group.rows], [each.data for each in done]
            is_one = len(updates) == 1
            data = updates[0] if is_one else self._fold_onto(before, updates) if done else self._fold(updates)
            done.append(store.Group(group.rows, data))
        return done

    async def _prune_daily(self, age: timedelta) -> None:
        while True:
            try:
                while await self._thread.ask(store.prune, timezone.now() - age, self._compaction.open, PRUNE_AT_ONCE):
                    await self._thread.run(give_back)
            except LiveError as error:
                log.warning("old histories are not deleted: %s", error)
            except Exception:
                log.exception("log_failed: old histories could not be deleted")
            await asyncio.sleep(DAY)

    def _renewed(self) -> None:
        """The database is a new, empty one."""
        self.on_reset()

    def _health(self, error: LiveError | None) -> None:
        self.health = error or self._trouble
        self.on_health(self.health)
