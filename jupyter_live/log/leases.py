"""Leases in a PostgreSQL database, by its clock: those of several machines need not agree."""

from __future__ import annotations

import asyncio
import logging
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

_TABLE = Lease._meta.db_table
_UNTIL = f"clock_timestamp() + interval '{LASTS} seconds'"
_TAKE = (
    f'INSERT INTO "{_TABLE}" AS held (document, holder, until) VALUES (%s, %s, {_UNTIL})'
    " ON CONFLICT (document) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until"
    " WHERE held.holder = EXCLUDED.holder OR held.until < clock_timestamp()"
)
_RENEW = f'UPDATE "{_TABLE}" SET until = {_UNTIL} WHERE holder = %s RETURNING document'
_RELEASE = f'DELETE FROM "{_TABLE}" WHERE holder = %s AND document = %s'


class SqlLeases:
    """`Leases` of one process, with a thread and a connection of its own: nothing else makes them late."""

    def __init__(self) -> None:
        self.on_lost: Callable[[DocumentId], None] = lambda document: None
        self._holder = str(uuid.uuid4())
        self._sure: dict[DocumentId, float] = {}
        """Until when each surely holds, by the event loop's clock."""
        self._thread = DatabaseThread(lambda: None)
        self._renewing: asyncio.Task[None] | None = None

    async def take(self, document: DocumentId) -> bool:
        if self.holds(document):
            return True
        asked = _now()
        try:
            taken = await self._thread.run(_take, self._holder, document)
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
                renewed = set(await self._thread.run(_renew, self._holder))
            except Exception as error:
                log.warning("leases cannot be renewed: %s", error)  # whether they are lost, nobody can tell yet
                continue
            self._sure |= {document: asked + SURE for document in renewed.intersection(self._sure)}
            for document in held:
                if document not in renewed and self._sure.pop(document, None) is not None:
                    log.warning("file_behind: the lease of %s is another server's by now", document)
                    self.on_lost(document)


def _take(holder: str, document: DocumentId) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [document, holder])
        return bool(cursor.rowcount)


def _renew(holder: str) -> Sequence[DocumentId]:
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [holder])
        return [DocumentId(document) for (document,) in cursor.fetchall()]


def _release(holder: str, document: DocumentId) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [holder, document])


def _now() -> float:
    return asyncio.get_running_loop().time()
