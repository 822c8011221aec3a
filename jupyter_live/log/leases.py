"""Leases in a PostgreSQL database, by its clock: those of several machines need not agree.

A lease is of a document, which is known by its file's id. So that two servers never have one file under two ids, all
that have leases at a time must have their ids from one database: that is a lease, too, which they hold together.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Sequence

from django.db import connection

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId
from jupyter_live.log.thread import CLOSING, DatabaseThread
from jupyter_live.models import Lease

log = logging.getLogger(__name__)

LASTS = 10.0
"""Seconds after which a lease that is not renewed is anybody's."""
RENEWED_AFTER = 2.0  # seconds
SURE = LASTS - 3.0  # seconds after it was asked for in which it surely holds; then a save that has begun may still end

FILE_IDS = "#file-ids"
"""What is leased to whoever has their file ids from one database; no document has this id."""

_TABLE = Lease._meta.db_table
_UNTIL = f"clock_timestamp() + interval '{LASTS} seconds'"
_MINE = (
    " ON CONFLICT (document) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until"
    " WHERE held.holder = EXCLUDED.holder OR held.until < clock_timestamp() RETURNING 1"
)
# One statement each: a process that stops in the middle of a transaction would keep others from what it has locked.
_TAKE = (
    f'WITH ids AS (INSERT INTO "{_TABLE}" AS held (document, holder, until) VALUES (%s, %s, {_UNTIL}){_MINE}),'
    f' taken AS (INSERT INTO "{_TABLE}" AS held (document, holder, until)'
    f" SELECT %s, %s, {_UNTIL} WHERE EXISTS (SELECT 1 FROM ids){_MINE})"
    " SELECT EXISTS (SELECT 1 FROM ids), EXISTS (SELECT 1 FROM taken)"
)
_RENEW = (
    f'WITH ids AS (UPDATE "{_TABLE}" SET until = {_UNTIL} WHERE document = %s AND holder = %s RETURNING 1)'
    f' UPDATE "{_TABLE}" SET until = {_UNTIL} WHERE holder = %s AND EXISTS (SELECT 1 FROM ids) RETURNING document'
)
_RELEASE = f'DELETE FROM "{_TABLE}" WHERE holder = %s AND document = %s'
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the one of Linux


class SqlLeases:
    """`Leases` of one process, with a thread and a connection of its own: nothing else makes them late.

    `file_ids` tells the identity of the database of file ids; servers on one have the same. `take` raises LiveError
    `other_file_ids` while another server, with other ids, has leases.
    """

    def __init__(self, file_ids: Callable[[], str]) -> None:
        self._file_ids = file_ids
        self.on_lost: Callable[[DocumentId], None] = lambda document: None
        self._holder = str(uuid.uuid4())
        self._sure: dict[DocumentId, float] = {}
        """Until when each surely holds, by our clock."""
        self._thread = DatabaseThread(lambda: None)
        self._renewing: asyncio.Task[None] | None = None

    async def take(self, document: DocumentId) -> bool:
        if self.holds(document):
            return True
        asked = _now()
        try:
            taken = await self._thread.run(_take, self._file_ids(), self._holder, document)
        except LiveError:
            raise
        except Exception as error:
            raise LiveError("log_failed", f"{document}: whose file it is cannot be asked: {error!r}") from error
        if taken:
            self._sure[document] = asked + SURE
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._renew_all(), name="jupyter-live-leases")
        return taken

    def holds(self, document: DocumentId) -> bool:
        return self._sure.get(document, 0.0) > _now()

    async def release(self, document: DocumentId) -> None:
        if self._sure.pop(document, None) is not None:
            try:
                await self._thread.run(_release, self._holder, document)
            except Exception as error:
                log.warning("the lease of %s ends by itself: %s", document, error)

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        releasing = [asyncio.ensure_future(self.release(document)) for document in list(self._sure)]
        if releasing:
            await asyncio.wait(releasing, timeout=CLOSING)
        await self._thread.close()
        if releasing:
            await asyncio.wait(releasing)

    async def _renew_all(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_AFTER)
            asked, held = _now(), list(self._sure)
            try:
                renewed = set(await self._thread.run(_renew, self._file_ids(), self._holder))
            except Exception as error:
                log.warning("leases cannot be renewed: %s", error)  # whether they are lost, nobody can tell yet
                continue
            self._sure |= {document: asked + SURE for document in renewed.intersection(self._sure)}
            for document in held:
                if document not in renewed and self._sure.pop(document, None) is not None:
                    log.warning("file_behind: the lease of %s is another server's by now", document)
                    self.on_lost(document)


def _take(file_ids: str, holder: str, document: DocumentId) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [FILE_IDS, file_ids, document, holder])
        has_ids, is_taken = cursor.fetchone()
    if not has_ids:
        raise LiveError(
            "other_file_ids",
            f"{document}: a server with another database of file ids uses this database of the log. Give all of them"
            " one data folder, or BaseFileIdManager.db_path, or each a log of its own",
        )
    return bool(is_taken)


def _renew(file_ids: str, holder: str) -> Sequence[DocumentId]:
    """What is renewed: nothing, once another server has begun with other file ids."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [FILE_IDS, file_ids, holder])
        return [DocumentId(document) for (document,) in cursor.fetchall()]


def _release(holder: str, document: DocumentId) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [holder, document])


def _now() -> float:
    """Seconds, by a clock that goes on while the machine sleeps, as the database's does; the event loop's does not."""
    return time.clock_gettime(_CLOCK)
