"""A database of an earlier version is brought up to date with all that is in it."""

import asyncio
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from jupyter_live.ids import DocumentId
from jupyter_live.log.database import prepare
from jupyter_live.testing.engine import typed
from logs.making import sql_log, text

ONE = DocumentId("text:file:one")


def make_first_version(path: Path, base: bytes, row: bytes) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    call_command("migrate", "jupyter_live", "0001", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO jupyter_live_document VALUES (%s, 'epoch', %s, 7, 'old', 'new')", [ONE, base])
        cursor.execute(
            "INSERT INTO jupyter_live_update (document_id, epoch, seq, data, author, at) "
            "VALUES (%s, 'epoch', 8, %s, 'ada', '2026-01-01')",
            [ONE, row],
        )
    connection.close()


async def test_a_history_of_the_first_version_goes_on(database: Path) -> None:
    base, row = typed("base", "!")
    path = database.with_name("old.sqlite3")
    await asyncio.to_thread(make_first_version, path, base, row)
    await asyncio.to_thread(prepare, path)
    log = sql_log()
    loaded = await log.load(ONE)
    assert loaded is not None and loaded.epoch == "epoch" and (loaded.base_seq, loaded.seq) == (7, 8)
    updates = loaded.up_to(loaded.seq)
    assert updates is not None and text(*updates) == "base!"
    assert "old" in loaded.file and "new" in loaded.file
    await log.compact(ONE)
    compacted = await log.load(ONE)
    assert compacted is not None and text(compacted.base) == "base!", "old marks, without a place, divide nothing"
    await log.close()


def test_the_migrations_make_the_models(database: Path) -> None:
    from django.apps import apps

    loader = MigrationLoader(connection)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    assert changes == {}
