"""The SQLite file: making it ready, and beginning a new one in place of one that is damaged or gone.

Of a database that several processes share the server takes care itself: there only a lost connection is replaced.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

from jupyter_live.errors import LiveError

log = logging.getLogger(__name__)

WAL_LIMIT = 4 * 2**20  # bytes that the write-ahead log keeps after a checkpoint
SLACK, AT_ONCE = 64, 1000  # pages of 4 kB: free ones that stay for what comes next; given back in one go

# SQLite's words for a file that is damaged or not its own. Others (locked, full, read-only) may pass.
_DAMAGE = (
    "malformed",
    "not a database",
    "no such table",
    "no such column",
    "unsupported file format",
)


def prepare(path: Path) -> None:
    """Create or migrate the database at `path`, which nobody else uses. A damaged one is set aside, never deleted.

    Django uses this file from now on. Raises OSError or DatabaseError when there can be none.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection.settings_dict["NAME"] = str(path)  # of all threads
    try:
        if path.is_dir() or (path.exists() and not path.stat().st_size):
            raise DatabaseError("not a database")
        _check()  # first: nothing is written into a damaged one
        _make_ready()
    except Exception as error:
        if not is_damage(error):
            raise
        renew(str(error))
    finally:
        connection.close()  # this thread's: the log's thread opens its own


def is_shared() -> bool:
    """Whether Django uses a database of several processes."""
    return bool(connection.vendor != "sqlite")


def connected() -> int | None:
    """The file descriptor of the connection to a shared database."""
    if not is_shared():
        return None
    connection.ensure_connection()
    return int(connection.connection.fileno())


def is_damage(error: BaseException) -> bool:
    """Whether a database that gives this error must be replaced."""
    return not is_shared() and isinstance(error, DatabaseError) and any(words in str(error) for words in _DAMAGE)


def check_in_place() -> None:
    """Raises DatabaseError when the file was deleted or replaced: SQLite would go on writing where nobody reads."""
    if is_shared():
        connection.close_if_unusable_or_obsolete()
        return
    path = Path(connection.settings_dict["NAME"])
    connection.ensure_connection()
    opened: tuple[int, int] = connection.jupyter_live_file
    try:
        now = path.stat()
    except FileNotFoundError:
        raise DatabaseError(f"{path} is gone: not a database") from None
    if (now.st_dev, now.st_ino) != opened:
        raise DatabaseError(f"{path} is another file by now: not a database")


def renew(why: str) -> None:
    """Begin a new database in place of the one that the calling thread uses, which is kept beside it.

    The new one is made first: when that fails (a full disk), the old one stays in its place and an error is raised.
    """
    connection.close()
    path = Path(connection.settings_dict["NAME"])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # somebody may have removed the folder, too
    fresh = path.with_name(f"{path.name}.new")
    for leftover in _files(fresh):
        leftover.unlink(missing_ok=True)
    connection.settings_dict["NAME"] = str(fresh)
    try:
        _make_ready()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(path)
    name = f"{path.name}.broken-{datetime.now():%Y%m%d-%H%M%S-%f}"
    for old, kept in zip(_files(path), _files(path.with_name(name)), strict=True):
        if old.exists():
            old.rename(kept)
    fresh.rename(path)
    log.error("%s", LiveError("log_set_aside", f"{why}; {path} is kept as {name}"))


def give_back() -> None:
    """Return free pages of the file to the disk, a few at a time."""
    if is_shared():
        return
    with connection.cursor() as cursor:
        (free,) = cursor.execute("PRAGMA freelist_count").fetchone()
        if free > SLACK:
            # As a script: `execute` stops after the first page, as there is nothing to fetch.
            cursor.executescript(f"PRAGMA incremental_vacuum({min(free - SLACK, AT_ONCE)})")


@contextmanager
def synced() -> Iterator[None]:
    """What is committed within, and all that was before, is on the disk afterwards: a power failure spares it.

    Costs an fsync of the write-ahead log for each commit. Not for use within a transaction.
    """
    connection.ensure_connection()
    if is_shared() or not connection.jupyter_live_wal:  # each commit is on the disk anyway
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=NORMAL")


def tune(connection: Any, **signal: Any) -> None:
    """Set up a new connection.

    With a write-ahead log, synchronous=NORMAL survives the death of the process at any point (kill -9), and may lose
    the last commits, but never the database, when the power fails. It commits in 0.4 ms where FULL takes 2 to 3.
    Without a write-ahead log the default, FULL, is kept.
    """
    if connection.vendor != "sqlite":
        return
    file = Path(connection.settings_dict["NAME"]).stat()
    connection.jupyter_live_file = file.st_dev, file.st_ino
    connection.jupyter_live_wal = False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
        (mode,) = cursor.execute("PRAGMA journal_mode").fetchone()
        if mode == "wal":
            connection.jupyter_live_wal = True
            cursor.execute("PRAGMA synchronous=NORMAL")


connection_created.connect(tune)


def _make_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")  # heard by an empty database only
    _choose_journal()
    call_command("migrate", verbosity=0, interactive=False)


def _choose_journal() -> None:
    """WAL where it works. It needs shared memory, which network file systems lack: SQLite then answers otherwise."""
    with connection.cursor() as cursor:
        try:
            (mode,) = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
        except DatabaseError as error:  # some network file systems raise instead of answering
            if is_damage(error):
                raise
            log.info("no write-ahead log on this file system: %s", error)
            (mode,) = cursor.execute("PRAGMA journal_mode=DELETE").fetchone()
    log.debug("database %s uses journal mode %s", connection.settings_dict["NAME"], mode)


def _check() -> None:
    """Raises DatabaseError when pages of the file are damaged."""
    with connection.cursor() as cursor:
        (answer,) = cursor.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise DatabaseError(f"malformed: {answer}")


def _files(database: Path) -> list[Path]:
    """A database and what SQLite keeps beside it, which must go where it goes."""
    return [database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal", "")]
