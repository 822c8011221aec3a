"""Histories that nobody has used for long are deleted, unless they hold what no file has."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from waiting import until

from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, sql
from jupyter_live.log.database import SLACK
from jupyter_live.log.sql import SqlLog
from jupyter_live.models import Document
from jupyter_live.testing.engine import typed
from logs.making import sql_log

DAYS = 30.0


@pytest.fixture
async def log(database: Path) -> AsyncIterator[SqlLog]:
    log = sql_log()
    yield log
    await log.close()


async def make(log: SqlLog, name: str, *, filed: bool = True, age: float = 2 * DAYS, size: int = 10) -> DocumentId:
    """A document with one row after its base, closed, and last used `age` days ago."""
    document = DocumentId(f"text:file:{name}")
    base, row = typed("x" * size, "y")
    history = await log.begin(document, base, Fingerprints(FileMark("base")))
    log.append(Entry(document, history.epoch, row, "ada", lambda seq: None))
    log.mark(document, history.epoch, Fingerprints(FileMark("content", Seq(1 if filed else 0))))
    await log.compact(document)
    await make_old(log, document, age)
    return document


async def make_old(log: SqlLog, document: str, age: float) -> None:
    def work() -> None:
        Document.objects.filter(pk=document).update(used=timezone.now() - timedelta(days=age))

    await log._thread.run(work)


async def settled(log: SqlLog, *gone: str) -> None:
    """Until these are deleted, and with them everything that was to be deleted in the same batch."""
    for document in gone:
        await until(lambda document=document: _gone(log, document))  # type: ignore[misc]


async def _gone(log: SqlLog, document: str) -> bool:
    return not await log.knows(DocumentId(document))


async def test_only_what_is_old_and_in_its_file_is_deleted(log: SqlLog) -> None:
    old = await make(log, "old")
    unsaved = await make(log, "unsaved", filed=False)
    young = await make(log, "young", age=DAYS - 1)
    log.retain(DAYS)
    await settled(log, old)
    assert await log.knows(unsaved) and await log.knows(young)


async def test_what_was_set_aside_is_deleted_whatever_it_holds(log: SqlLog) -> None:
    aside = await log.set_aside(await make(log, "broken", filed=False))
    await make_old(log, aside, 2 * DAYS)
    log.retain(DAYS)
    await settled(log, aside)


async def test_an_open_document_is_not_deleted_however_long_nobody_types(log: SqlLog) -> None:
    opened, old = await make(log, "open"), await make(log, "old")
    history = await log.load(opened)
    log.retain(DAYS)
    await settled(log, old)
    assert history is not None and await log.knows(opened)
    await log.compact(opened)
    assert await used_today(log, opened), "it was used until now"


@pytest.mark.parametrize("use", ["begun", "written", "closed"])
async def test_using_a_document_makes_it_young(log: SqlLog, use: str) -> None:
    document = await make(log, "a")
    history = await log.load(document)
    assert history is not None
    if use == "begun":
        await log.begin(document, typed("b")[0], Fingerprints())
    elif use == "written":
        log.append(Entry(document, history.epoch, typed("b")[0], "", lambda seq: None))
        await log.flush()
    else:
        await log.compact(document)
    assert await used_today(log, document)


async def test_many_are_deleted_in_small_batches_and_the_disk_gets_its_space_back(
    log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pages() -> bool:
        with connection.cursor() as cursor:
            (count,) = cursor.execute("PRAGMA page_count").fetchone()
        return bool(count < 2 * SLACK)

    monkeypatch.setattr(sql, "PRUNE_AT_ONCE", 3)
    documents = [await make(log, str(number), size=100_000) for number in range(20)]
    assert not await log._thread.run(pages)
    log.retain(DAYS)
    await settled(log, *documents)
    await until(lambda: log._thread.run(pages))


async def used_today(log: SqlLog, document: DocumentId) -> bool:
    def work() -> bool:
        found: bool = Document.objects.filter(pk=document, used__gt=timezone.now() - timedelta(days=1)).exists()
        return found

    return await log._thread.run(work)
