"""A database that is damaged when the server starts is set aside, and a new one is begun."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from jupyter_live.ids import DocumentId
from jupyter_live.log import Fingerprints
from jupyter_live.log.database import prepare
from jupyter_live.testing.engine import typed
from logs.making import PAGE, contents, overwrite, set_aside, sql_log, text

ONE = DocumentId("text:file:1")


def garbage(path: Path) -> None:
    overwrite(path)


def damaged_pages(path: Path) -> None:
    overwrite(path, 2 * PAGE)


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(3 * PAGE + 100)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("of somebody")


@pytest.mark.parametrize("damage", [garbage, damaged_pages, cut_short, emptied, folder])
async def test_it_is_kept_and_documents_can_be_logged(
    database: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    log = sql_log()
    await log.begin(ONE, typed("x" * 100_000)[0], Fingerprints())
    await log.close()
    damage(database)
    before = contents(database)
    caplog.clear()
    await asyncio.to_thread(prepare, database)

    (kept,) = set_aside(database)
    assert contents(kept) == before
    assert [record.getMessage().split(":")[0] for record in caplog.records if record.levelno >= logging.ERROR] == [
        "log_set_aside"
    ]
    log = sql_log()
    assert not await log.knows(ONE)
    await log.begin(ONE, typed("new")[0], Fingerprints())
    loaded = await log.load(ONE)
    assert loaded is not None and text(loaded.base) == "new"
    await log.close()


def test_what_was_not_checkpointed_goes_along(database: Path) -> None:
    other = sqlite3.connect(database)
    other.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', 'c')")
    other.commit()
    wal = database.with_name(f"{database.name}-wal").read_bytes()
    assert wal
    overwrite(database)
    prepare(database)
    assert [path.read_bytes() for path in set_aside(database) if path.name.endswith("-wal")] == [wal]
    other.close()


def test_a_sound_database_stays(database: Path) -> None:
    prepare(database)
    assert set_aside(database) == []


def test_an_old_one_stays_in_its_place_when_no_new_one_can_be_made(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite(database)
    before = database.read_bytes()
    monkeypatch.setattr("jupyter_live.log.database.call_command", _disk_full)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="full"):
            prepare(database)
    assert database.read_bytes() == before and set_aside(database) == []
    monkeypatch.undo()
    prepare(database)
    assert len(set_aside(database)) == 1
    assert sorted(path.name for path in database.parent.iterdir()) == sorted(
        [database.name, *(path.name for path in set_aside(database))]
    ), "nothing half made is left"
    assert connection.settings_dict["NAME"] == str(database)


def _disk_full(*args: object, **options: object) -> None:
    raise DatabaseError("database or disk is full")
