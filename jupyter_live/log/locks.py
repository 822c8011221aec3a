"""The locks of documents in a PostgreSQL database: each is of one process, and outlives its connection.

A lock of the database ends with the connection, and by then what was done under it may wait for the database in the
memory of a process that goes on. So there is a row as well, until that is durable. Whoever finds one that nobody makes
use of waits: the process may be back in a moment, or be no more.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections import Counter

from django.db import connection

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId
from jupyter_live.log.thread import DatabaseThread
from jupyter_live.models import Lock

log = logging.getLogger(__name__)

LEFT_BEHIND = 10.0
"""Seconds after which the row of a process that has lost its connection is anybody's: twice the pause between two
attempts to log what waits."""

_TABLE = Lock._meta.db_table
_TAKE = (
    f'INSERT INTO "{_TABLE}" AS held (document, holder) VALUES (%s, %s)'
    " ON CONFLICT (document) DO UPDATE SET holder = EXCLUDED.holder WHERE held.holder = ANY(%s) RETURNING 1"
)


class SqlLocks:
    """Those of one process. Its tasks may have one together."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread
        self._me = str(uuid.uuid4())
        self._taken: Counter[DocumentId] = Counter()
        """How often, counted as it is asked for and given back: the thread does both in that order."""
        self._found: dict[DocumentId, tuple[str, float]] = {}
        """Whose row was found of a lock that is free, and when it was first."""

    async def take(self, document: DocumentId) -> bool:
        """Take it without waiting; whether it was to be had. Raises LiveError `log_failed`."""
        holder, since = self._found.get(document, ("", 0.0))
        heirs = [self._me, *([holder] if holder and time.monotonic() - since > LEFT_BEHIND else [])]
        self._taken[document] += 1
        try:
            other = await self._thread.run(_take, document, self._me, heirs)
        except Exception:
            self._taken[document] -= 1
            self._found.pop(document, None)  # while the database is away nobody can finish what waits for it
            raise
        if other is not None:
            self._taken[document] -= 1
        if not other:
            self._found.pop(document, None)
        elif other != holder:
            self._found[document] = other, time.monotonic()
        return other is None

    async def release(self, document: DocumentId) -> None:
        """Give it back, once as often as it was taken. Raises LiveError `log_failed`; then it counts as taken."""
        self._taken[document] -= 1
        try:
            await self._thread.run(_release, document, self._me, self._taken[document] == 0)
        except Exception:
            self._taken[document] += 1
            raise

    async def close(self) -> None:
        """Give back all that is still taken: what is not durable by now never will be."""
        if self._taken.total():
            try:
                await self._thread.run(_release_all, self._me)
            except LiveError as error:
                log.warning("locks end by themselves: %s", error)


def _take(document: DocumentId, me: str, heirs: list[str]) -> str | None:
    """None where it is taken; else whose row is in the way, "" where another process has the lock itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(document)])
        if not cursor.fetchone()[0]:
            return ""
        cursor.execute(_TAKE, [document, me, heirs])
        if cursor.fetchone():
            return None
        cursor.execute(f'SELECT holder FROM "{_TABLE}" WHERE document = %s', [document])
        row = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(document)])
        return str(row[0]) if row else ""


def _release(document: DocumentId, me: str, is_last: bool) -> None:
    with connection.cursor() as cursor:
        if is_last:
            cursor.execute(f'DELETE FROM "{_TABLE}" WHERE document = %s AND holder = %s', [document, me])
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(document)])


def _release_all(me: str) -> None:
    """The database's own end with the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{_TABLE}" WHERE holder = %s', [me])


def _key(document: DocumentId) -> int:
    digest = hashlib.blake2b(f"jupyter_live {document}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
