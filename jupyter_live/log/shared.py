"""A database that several processes share: reached, and made ready by whoever comes first."""

from __future__ import annotations

import hashlib

from django.core.management import call_command
from django.db import DatabaseError, connection

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId

MIGRATING = 7_531_246  # any number that is ours: the advisory lock of PostgreSQL that migrations take


def prepare_shared(shown: str) -> None:
    """Create or migrate the tables. Raises LiveError `not_ready` when the database cannot be reached.

    `shown` is its address as logs may show it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            try:
                call_command("migrate", verbosity=0, interactive=False)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    except DatabaseError as error:
        raise LiveError("not_ready", f"the database {shown} cannot be used: {str(error).strip()}") from error
    finally:
        connection.close()  # this thread's: the log's thread opens its own


def lock(document: DocumentId) -> bool:
    """Take the lock of a document without waiting; whether it was to be had."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(document)])
        return bool(cursor.fetchone()[0])


def unlock(document: DocumentId) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(document)])


def _key(document: DocumentId) -> int:
    digest = hashlib.blake2b(f"jupyter_live {document}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
