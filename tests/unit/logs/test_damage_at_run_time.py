"""A database that turns out to be damaged, or goes away, while documents are open: a new one takes its place."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from django.db import DatabaseError
from waiting import until

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, History, compaction, store, writer
from jupyter_live.log.sql import SqlLog
from jupyter_live.testing.engine import typed
from logs.making import PAGE, folded, overwrite, set_aside, sql_log, text

ONE, LARGE, NEVER = (DocumentId(f"text:file:{name}") for name in ("one", "large", "never"))
MARKS = Fingerprints(FileMark("in the file"))


class OpenDocument:
    """What a room does for its document: knows all of it, logs its changes, and gives it to the log when asked."""

    def __init__(self, log: SqlLog, history: History) -> None:
        self.log, self.history = log, history
        self.updates = [history.base]
        self.seqs: list[Seq] = []
        self.lost = 0
        self.health: list[str | None] = []
        log.on_reset = self.restore
        log.on_health = lambda error: self.health.append(error.code if error else None)

    def append(self, update: bytes) -> None:
        self.updates.append(update)
        self.log.append(Entry(ONE, self.history.epoch, update, "ada", self.seqs.append, self._lose))

    def restore(self) -> None:
        self.log.restore(ONE, self.history.epoch, folded(*self.updates), MARKS)

    def _lose(self) -> None:
        self.lost += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_FIRST", 0.01)


@pytest.fixture
async def log(database: Path) -> AsyncIterator[SqlLog]:
    """With a large document in it, checkpointed, and no page in SQLite's memory."""
    log = sql_log()
    await log.begin(LARGE, typed("x" * 300_000)[0], Fingerprints())
    await log.close()
    log = sql_log()
    yield log
    await log.close()


def large_pages(database: Path) -> None:
    overwrite(database, 20 * PAGE)


def deleted(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()


def deleted_with_its_folder(database: Path) -> None:
    shutil.rmtree(database.parent)


def replaced(database: Path) -> None:
    other = database.with_name("other")
    other.write_bytes(b"")
    other.rename(database)


async def test_damage_that_shows_in_reading_one_document_costs_the_open_ones_nothing(
    log: SqlLog, database: Path
) -> None:
    base, *updates = typed(*"abcdef")
    document = OpenDocument(log, await log.begin(ONE, base, MARKS))
    for update in updates[:2]:
        document.append(update)
    await log.flush()
    large_pages(database)
    assert await log.load(LARGE) is None, "it is in the database that was set aside"
    assert set_aside(database)
    for update in updates[2:]:
        document.append(update)
    await log.flush()
    await assert_all_is_there(document, log, database)
    assert document.seqs == [1, 2, 3, 4, 5], "the numbers go on"


async def test_rows_that_are_on_their_way_are_logged_in_the_new_database(log: SqlLog, database: Path) -> None:
    base, *updates = typed(*"abcdef")
    document = OpenDocument(log, await log.begin(ONE, base, MARKS))
    large_pages(database)
    loading = asyncio.create_task(log.load(LARGE))
    await asyncio.sleep(0)  # it is the first on the thread
    for update in updates:
        document.append(update)
    asking = asyncio.create_task(log.knows(LARGE))
    await until(lambda: len(document.seqs) == 5)
    assert await loading is None and not await asking
    await assert_all_is_there(document, log, database)
    assert document.health == [] and len(set_aside(database)) == 1


@pytest.mark.parametrize("damage", [deleted, deleted_with_its_folder, replaced])
async def test_a_file_that_is_gone_is_noticed_with_the_next_row(
    log: SqlLog, database: Path, damage: Callable[[Path], None]
) -> None:
    """SQLite would go on writing into a file that nobody will ever open again."""
    base, *updates = typed(*"abcdef")
    document = OpenDocument(log, await log.begin(ONE, base, MARKS))
    for update in updates:
        damage(database)
        document.append(update)
        await until(lambda: len(document.seqs) == len(document.updates) - 1)
        await assert_all_is_there(document, log, database)


async def test_no_row_is_told_to_be_logged_that_went_with_a_database_found_damaged_right_after(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the compaction that the row made due."""
    monkeypatch.setattr(compaction, "ROWS", 3)
    engine, told = PycrdtEngine(), []
    to_fold = store.to_fold

    def damaged(document: DocumentId, spare: int) -> object:
        if not set_aside(database):
            raise DatabaseError("database disk image is malformed")
        return to_fold(document, spare)

    monkeypatch.setattr(store, "to_fold", damaged)
    log = SqlLog(engine.merge, engine.fold, engine.fold_onto)
    base, *updates = typed(*"abcdef")
    document = OpenDocument(log, await log.begin(ONE, base, Fingerprints()))
    for update in updates:
        document.updates.append(update)
        log.append(Entry(ONE, document.history.epoch, update, "", lambda seq: told.append(text(*stored(database)))))
        await log.flush()
    assert told == ["ab", "abc", "abcd", "abcde", "abcdef"] and set_aside(database)
    await log.close()


def stored(database: Path) -> list[bytes]:
    """The rows that are durable now."""
    with sqlite3.connect(database) as reader:
        rows = [data for (data,) in reader.execute("SELECT data FROM jupyter_live_update ORDER BY seq")]
    reader.close()
    return rows


async def test_a_document_that_nobody_restores_is_lost_and_told_so(log: SqlLog, database: Path) -> None:
    base, update = typed(*"ab")
    document = OpenDocument(log, await log.begin(ONE, base, MARKS))
    log.on_reset = lambda: None
    deleted(database)
    document.append(update)
    await until(lambda: document.lost)
    assert document.seqs == [] and not await log.knows(ONE)


async def assert_all_is_there(document: OpenDocument, log: SqlLog, database: Path) -> None:
    """As the next server would see it."""
    assert document.lost == 0
    other = sql_log()
    loaded = await other.load(ONE)
    assert loaded is not None and loaded.epoch == document.history.epoch and loaded.file == MARKS
    updates = loaded.up_to(loaded.seq)
    assert updates is not None and text(*updates) == text(*document.updates)
    await other.close()
