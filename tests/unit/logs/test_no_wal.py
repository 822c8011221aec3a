"""A file system without shared memory, as network file systems are: SQLite's write-ahead log does not work there."""

import _sqlite3
import ctypes
import ctypes.util
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from django.db import connection

from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, Fingerprints
from jupyter_live.log.database import prepare
from jupyter_live.log.sql import SqlLog
from jupyter_live.testing.engine import typed
from logs.making import sql_log, text

ONE = DocumentId("text:file:one")
FULL = 2


@pytest.fixture
def without_shared_memory() -> Iterator[None]:
    """SQLite's own layer for such file systems (it locks by files), as the default of this process."""
    found = [name for name in (_sqlite3.__file__, ctypes.util.find_library("sqlite3")) if name]
    libraries = [library for library in map(ctypes.CDLL, found) if hasattr(library, "sqlite3_vfs_find")]
    if not libraries:
        pytest.skip("SQLite is built into Python and cannot be reached")
    sqlite = libraries[0]
    sqlite.sqlite3_vfs_find.restype = ctypes.c_void_p
    sqlite.sqlite3_vfs_register.argtypes = [ctypes.c_void_p, ctypes.c_int]
    dotfile, usual = sqlite.sqlite3_vfs_find(b"unix-dotfile"), sqlite.sqlite3_vfs_find(None)
    if not dotfile:
        pytest.skip("only on Unix")
    sqlite.sqlite3_vfs_register(dotfile, 1)
    yield
    sqlite.sqlite3_vfs_register(usual, 1)


@pytest.fixture
def place(without_shared_memory: None, database: Path, tmp_path: Path) -> Path:
    path = tmp_path / "network" / "live.sqlite3"
    prepare(path)
    return path


@pytest.fixture
async def log(place: Path) -> AsyncIterator[SqlLog]:
    log = sql_log()
    yield log
    await log.close()


async def test_the_rollback_journal_is_used_and_synced_fully(log: SqlLog, place: Path) -> None:
    def modes() -> tuple[str, int]:
        with connection.cursor() as cursor:
            (journal,) = cursor.execute("PRAGMA journal_mode").fetchone()
            (synchronous,) = cursor.execute("PRAGMA synchronous").fetchone()
        return journal, synchronous

    assert await log._thread.run(modes) == ("delete", FULL)
    base, *updates = typed(*"abc")
    history = await log.begin(ONE, base, Fingerprints())
    seqs: list[Seq] = []
    for update in updates:
        log.append(Entry(ONE, history.epoch, update, "", seqs.append))
    await log.flush()
    await log.compact(ONE)
    loaded = await log.load(ONE)
    assert seqs == [1, 2] and loaded is not None and text(loaded.base) == "abc"
    assert not list(place.parent.glob("*-wal")), place
