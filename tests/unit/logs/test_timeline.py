"""Which contents a room's timeline keeps, and what becomes of them while the log cannot be written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from waiting import until

from jupyter_live import timeline
from jupyter_live.errors import LiveError
from jupyter_live.files.convert import Content, to_update
from jupyter_live.files.packing import tell
from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.log import keeping
from jupyter_live.log.sql import SqlLog
from jupyter_live.timeline import Timeline
from logs.making import sql_log

DOCUMENT = DocumentId("text:file:1")


@pytest.fixture
async def log(database: Path) -> AsyncIterator[SqlLog]:
    log = sql_log()
    yield log
    await log.close()


@pytest.fixture
async def line(log: SqlLog) -> AsyncIterator[Timeline]:
    line = Timeline(
        DOCUMENT,
        Epoch("epoch"),
        log.moments,
        is_shared=False,
        is_anyone=lambda: True,
        elsewhere=dict,
        tell=lambda moment: None,
    )
    line.opened(text("start"), is_left=False)
    yield line
    await line.close()


def text(value: str) -> Content:
    return to_update("file", value)[1]


def write(line: Timeline, value: str, *authors: str) -> None:
    """The file was saved with this, after these people have typed."""
    for author in authors:
        line.writers.wrote(author)
    line.saw(text(value), line.writers.count)


async def kept(log: SqlLog) -> list[tuple[str, str]]:
    """The texts of all moments, each with the first letters of its authors."""
    found = []
    for moment in await log.moments.of(DOCUMENT):
        whole = await log.moments.get(DOCUMENT, moment.id)
        assert whole is not None
        found.append((json.loads(tell(whole[1]))["content"], "".join(author.name[0] for author in moment.authors)))
    return found


async def test_a_cell_that_prints_is_one_moment(line: Timeline, log: SqlLog) -> None:
    for n in range(1000):
        write(line, "x\n" * (n + 1), "ada")
    await line.close()
    assert await kept(log) == [("start", ""), ("x\n" * 1000, "a")]


async def test_typing_is_kept_after_a_while(line: Timeline, log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "EVERY", 0.05)
    write(line, "one", "ada")
    await until(lambda: _has(log, 2))
    write(line, "two", "ada")
    await until(lambda: _has(log, 3))
    assert await kept(log) == [("start", ""), ("one", "a"), ("two", "a")]


async def test_who_types_in_turns_gets_a_moment_each_and_then_one_together(line: Timeline, log: SqlLog) -> None:
    for n in range(10):
        write(line, f"ada {n}", "ada")
        write(line, f"bob {n}", "bob")
    await line.close()
    assert await kept(log) == [("start", ""), ("ada 0", "a"), ("bob 0", "b"), ("bob 9", "ab")]


async def test_what_nobody_typed_is_kept_at_once_and_so_is_what_was_before(line: Timeline, log: SqlLog) -> None:
    write(line, "typed", "ada")
    line.here()
    line.outside()
    write(line, "merged")
    line.here()
    line.restored(5.0)
    write(line, "start", "bob")
    await line.kept()
    assert await kept(log) == [("start", ""), ("typed", "a"), ("merged", "f"), ("start", "b")]
    assert [moment.restored for moment in await log.moments.of(DOCUMENT)] == [None, None, None, 5.0]


async def test_what_comes_after_a_snapshot_is_not_of_its_moment(line: Timeline, log: SqlLog) -> None:
    line.writers.wrote("ada")
    place = line.writers.count
    line.writers.wrote("bob")
    line.saw(text("ada's"), place)
    line.flush()
    write(line, "both's")
    await line.close()
    assert await kept(log) == [("start", ""), ("ada's", "a"), ("both's", "b")]


async def test_what_is_taken_back_is_no_moment(line: Timeline, log: SqlLog) -> None:
    write(line, "typed", "ada")
    write(line, "start", "ada")
    await line.close()
    assert await kept(log) == [("start", "")]


async def test_it_waits_for_a_log_that_cannot_be_written(
    line: Timeline, log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "AGAIN", 0.01)
    with monkeypatch.context() as broken:
        broken.setattr(keeping, "_add", _locked)
        for n in range(10):
            write(line, f"{n}", "ada")
            line.here()
        with pytest.raises(LiveError, match="log_failed"):
            await line.kept()
    await line.kept()
    found = await kept(log)
    assert found[-1] == ("9", "a") and len(found) == timeline.WAITING


async def test_whoever_closes_does_not_wait_for_such_a_log(
    line: Timeline, log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_add", _locked)
    write(line, "typed", "ada")
    await asyncio.wait_for(line.close(), 60)
    assert await kept(log) == []


async def _has(log: SqlLog, moments: int) -> bool:
    return len(await log.moments.of(DOCUMENT)) == moments


def _locked(*args: object) -> None:
    raise LiveError("log_failed", "it is locked")
