import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from waiting import until

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, Row, UpdateLog, compaction, locks, sql, store, writer
from jupyter_live.log.sql import SqlLog
from jupyter_live.testing import LogContract, MomentsContract
from jupyter_live.testing.engine import read, typed
from jupyter_live.testing.log import DOCUMENT, FILE
from jupyter_live.testing.services import Postgres


def sql_log() -> SqlLog:
    engine = PycrdtEngine()
    return SqlLog(engine.merge, engine.fold, engine.fold_onto)


class OnSql(LogContract, MomentsContract):
    @pytest.fixture
    async def log(self) -> AsyncIterator[UpdateLog]:
        log = sql_log()
        yield log
        await log.close()

    async def reopen(self, log: UpdateLog) -> UpdateLog:
        return sql_log()


@pytest.mark.usefixtures("shared_database")
class TestPostgres(OnSql):
    async def test_two_processes_number_the_rows_of_one_document_without_holes(self, log: UpdateLog) -> None:
        """Rule 2."""
        history = await log.begin(DOCUMENT, typed("base")[0], FILE)
        other = await self.reopen(log)
        others = [DocumentId(f"text:file:{n}") for n in range(2, 6)]
        for document in others:
            await log.begin(document, typed("base")[0], FILE)
        told: dict[int, list[Seq]] = {0: [], 1: []}
        for n in range(200):
            for which, each in enumerate((log, other)):
                each.append(Entry(DOCUMENT, history.epoch, typed(f"{which}.{n}")[0], "", told[which].append))
                each.append(Entry(others[(n + which) % 4], history.epoch, typed("lost")[0], "", told[which].append))
            if n % 10 == 0:
                await asyncio.sleep(0.01)
        await asyncio.gather(log.flush(), other.flush())
        assert sorted(told[0] + told[1]) == [*range(1, 401)]
        assert all(seqs == sorted(seqs) for seqs in told.values())
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and [row.seq for row in loaded.rows] == [*range(1, 401)]
        await other.close()

    async def test_a_lock_that_two_tasks_have_is_free_when_both_gave_it_back(self, log: UpdateLog) -> None:
        other = await self.reopen(log)
        assert all(await asyncio.gather(log.lock(DOCUMENT), log.lock(DOCUMENT)))
        await log.unlock(DOCUMENT)
        assert not await other.lock(DOCUMENT)
        await asyncio.gather(log.lock(DOCUMENT), log.unlock(DOCUMENT))
        assert not await other.lock(DOCUMENT)
        assert await log.lock(DOCUMENT)
        await asyncio.gather(log.unlock(DOCUMENT), log.unlock(DOCUMENT))
        assert await other.lock(DOCUMENT)
        await other.unlock(DOCUMENT)
        await other.close()

    async def test_a_lock_for_which_nobody_waits_any_more_is_given_back(self, log: UpdateLog) -> None:
        other = await self.reopen(log)
        for pause in (0, 0.001, 0.003, 0.01):
            taking = asyncio.ensure_future(log.lock(DOCUMENT))
            await asyncio.sleep(pause)
            taking.cancel()
            await asyncio.wait([taking])
            if not taking.cancelled():
                await log.unlock(DOCUMENT)
            await asyncio.wait_for(until_locked(other), 20)
            await other.unlock(DOCUMENT)
        await other.close()


class TestPostgresDies:
    @pytest.fixture
    def postgres_server(self, tmp_path: Path) -> Iterator[Postgres]:
        with Postgres(tmp_path) as server:
            yield server

    @pytest.mark.usefixtures("shared_database")
    async def test_a_database_that_restarts_is_waited_for(self, postgres_server: Postgres) -> None:
        log = sql_log()
        health: list[LiveError | None] = []
        log.on_health = health.append
        base, *updates = typed(*"abcd")
        seqs: list[Seq] = []
        history = await log.begin(DOCUMENT, base, FILE)
        log.append(Entry(DOCUMENT, history.epoch, updates[0], "", seqs.append))
        await log.flush()
        await asyncio.to_thread(postgres_server.kill)
        log.append(Entry(DOCUMENT, history.epoch, updates[1], "", seqs.append))
        await until(lambda: health)
        await asyncio.to_thread(postgres_server.start)
        await until(lambda: len(seqs) == 2)
        assert seqs == [1, 2] and health[0] is not None and health[-1] is None
        assert await log.after(DOCUMENT, history.epoch, Seq(0)) == [Row(Seq(1), updates[0]), Row(Seq(2), updates[1])]
        await log.close()

    @pytest.mark.usefixtures("shared_database")
    async def test_a_lock_outlives_its_connection_until_what_was_done_is_durable(
        self, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "RETRY_FIRST", 2.0)  # others are there long before
        log, other = sql_log(), sql_log()
        base, update = typed("a", "b")
        history = await log.begin(DOCUMENT, base, FILE)
        assert await log.lock(DOCUMENT)
        await asyncio.to_thread(postgres_server.kill)
        log.append(Entry(DOCUMENT, history.epoch, update, "", lambda seq: None))
        await log.unlock(DOCUMENT)
        await asyncio.to_thread(postgres_server.start)
        assert not await other.lock(DOCUMENT)
        await until_locked(other)
        assert await other.after(DOCUMENT, history.epoch, Seq(0)) == [Row(Seq(1), update)]
        await other.unlock(DOCUMENT)
        await until_locked(log)
        await log.unlock(DOCUMENT)
        await other.close()
        await log.close()

    @pytest.mark.usefixtures("shared_database")
    async def test_a_lock_that_was_left_behind_is_anybody_s_in_the_end(
        self, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(locks, "LEFT_BEHIND", 1.0)
        log, other = sql_log(), sql_log()
        assert await log.lock(DOCUMENT)
        await asyncio.to_thread(postgres_server.kill)
        await asyncio.to_thread(postgres_server.start)
        assert not await other.lock(DOCUMENT), "it may be back in a moment"
        await until_locked(other)
        await other.unlock(DOCUMENT)
        await other.close()
        await log.close()

    @pytest.mark.usefixtures("shared_database")
    async def test_a_lock_keeps_no_process_from_ending_while_the_database_hangs(
        self, postgres_server: Postgres
    ) -> None:
        log = sql_log()
        assert await log.lock(DOCUMENT)
        postgres_server.pause()
        try:
            await asyncio.wait_for(log.close(), 30)
        finally:
            postgres_server.resume()


async def until_locked(log: UpdateLog) -> None:
    while not await log.lock(DOCUMENT):  # noqa: ASYNC110  another process has it
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("database")
class TestSqlite(OnSql):
    async def test_no_history_is_given_that_lacks_rows_of_a_failing_log(
        self, log: UpdateLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "RETRY_FIRST", 0.01)
        history = await log.begin(DOCUMENT, typed("a")[0], FILE)
        seqs: list[Seq] = []
        with monkeypatch.context() as broken:
            broken.setattr(store, "commit", _disk_full)
            log.append(Entry(DOCUMENT, history.epoch, typed("b")[0], "", seqs.append))
            for _ in range(2):
                with pytest.raises(LiveError, match="log_failed"):
                    await log.load(DOCUMENT)
            assert await log.load(DocumentId("text:file:2")) is None, "others are not kept from opening"
        await until(lambda: seqs == [1])
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and len(loaded.rows) == 1

    async def test_a_compaction_that_fails_is_not_tried_with_every_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compaction, "ROWS", 3)
        folds: list[int] = []

        def fold(updates: Sequence[bytes]) -> bytes:
            folds.append(len(updates))
            raise ValueError("cannot be folded")

        log = SqlLog(PycrdtEngine().merge, fold, PycrdtEngine().fold_onto)
        history = await log.begin(DOCUMENT, b"", Fingerprints())
        for update in typed(*"abcdefgh"):
            assert await self.append(log, history, update)
        await log.close()
        assert folds[0] >= 1 + 3 and len(folds) <= 2

    async def test_nobody_s_acknowledgement_waits_for_a_compaction(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compaction, "ROWS", 3)
        going_on = threading.Event()

        def fold(updates: Sequence[bytes]) -> bytes:
            assert going_on.wait(60)
            return PycrdtEngine().fold(updates)

        log = SqlLog(PycrdtEngine().merge, fold, PycrdtEngine().fold_onto)
        base, *updates = typed(*"abcdefgh")
        history = await log.begin(DOCUMENT, base, Fingerprints())
        for update in updates:
            assert await self.append(log, history, update)
        going_on.set()
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and (read(loaded.base), loaded.base_seq, loaded.rows) == ("abcdefgh", 7, [])
        await log.close()

    async def test_a_compaction_does_not_cover_what_was_marked_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a file holds stays replayable."""
        monkeypatch.setattr(compaction, "ROWS", 3)
        monkeypatch.setattr(sql, "SPARE", 0)
        begun, going_on = threading.Event(), threading.Event()

        def fold_onto(before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
            begun.set()
            assert going_on.wait(60)
            return PycrdtEngine().fold_onto(before, updates)

        log = SqlLog(PycrdtEngine().merge, PycrdtEngine().fold, fold_onto)
        base, *updates = typed(*"abcd")
        history = await log.begin(DOCUMENT, base, Fingerprints(FileMark("a", Seq(0))))
        for update in updates:
            assert await self.append(log, history, update)
        assert await asyncio.to_thread(begun.wait, 60)
        log.mark(DOCUMENT, history.epoch, Fingerprints(FileMark("ab", Seq(1))))
        await log.flush()
        going_on.set()
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and (held := loaded.up_to(Seq(1))) and read(PycrdtEngine().fold(held)) == "ab"
        await log.close()


def _disk_full(*args: object) -> list[Seq]:
    raise OSError("the disk is full")
