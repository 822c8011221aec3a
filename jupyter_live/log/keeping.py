"""The timelines of documents in the log's database, each call one transaction on the log's thread.

In plain SQL but for the insert: a class of students begins to type at once, and to compile the ORM's queries took 3 of
the 3.7 ms that each first moment cost.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime, timezone
from typing import Any

from django.db import transaction

from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.log import rows
from jupyter_live.log.moments import LIMIT, Author, Moment, NewMoment
from jupyter_live.log.thinning import DAY, Sketch, thin
from jupyter_live.log.thread import DatabaseThread
from jupyter_live.models import Moment as Kept
from jupyter_live.models import Update

log = logging.getLogger(__name__)

_MOMENT, _UPDATE = Kept._meta.db_table, Update._meta.db_table
_TOLD = "id, at, authors, fingerprint, size, added, removed, restored"
_OF = f'SELECT {_TOLD} FROM "{_MOMENT}" WHERE document = %s ORDER BY id'
_GET = f'SELECT {_TOLD}, data FROM "{_MOMENT}" WHERE document = %s AND id = %s'
_SKETCHES = f'SELECT id, at, bytes, fingerprint FROM "{_MOMENT}" WHERE document = %s ORDER BY id'
_AUTHORS = (
    f'SELECT DISTINCT author FROM "{_UPDATE}"'
    " WHERE document_id = %s AND epoch = %s AND at BETWEEN %s AND %s AND author <> '' ORDER BY author"
)


class SqlMoments:
    """`Moments` in a SQL database."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread
        self.days = 0.0
        """How long a moment is kept at most; 0 is for ever."""

    async def of(self, document: DocumentId) -> list[Moment]:
        return await self._thread.ask(_of, document)

    async def get(self, document: DocumentId, number: int) -> tuple[Moment, bytes] | None:
        return await self._thread.ask(_get, document, number)

    async def add(self, document: DocumentId, moment: NewMoment) -> Moment | None:
        if len(moment.data) > LIMIT:
            log.warning("%s is too large for its timeline: %d bytes packed", document, len(moment.data))
            return None
        return await self._thread.ask(_add, document, moment, self.days)

    async def authors(self, document: DocumentId, epoch: Epoch, since: float, until: float) -> list[str]:
        return await self._thread.ask(_authors, document, epoch, since, until)


def _of(document: DocumentId) -> list[Moment]:
    return [_moment(*found) for found in rows.select(_OF, document)]


def _get(document: DocumentId, number: int) -> tuple[Moment, bytes] | None:
    for *told, data in rows.select(_GET, document, number):
        return _moment(*told), bytes(data)
    return None


def _add(document: DocumentId, new: NewMoment, days: float) -> Moment | None:
    with transaction.atomic():
        rows.lock([document])  # of several processes that keep the same content one does
        earlier = rows.select(_SKETCHES, document)
        if earlier and earlier[-1][3] == new.fingerprint:
            return None
        kept = Kept.objects.create(
            document=document,
            at=new.at,
            authors=json.dumps(new.authors),
            fingerprint=new.fingerprint,
            size=new.size,
            bytes=len(new.data),
            added=new.added,
            removed=new.removed,
            restored=new.restored,
            data=new.data,
        )
        sketches = [*(Sketch(*found[:3]) for found in earlier), Sketch(kept.pk, new.at, len(new.data))]
        now = time.time()
        if old := thin(sketches, now, LIMIT, now - days * DAY if days else None):
            Kept.objects.filter(pk__in=old).delete()
    return Moment(kept.pk, new.at, new.authors, new.fingerprint, new.size, new.added, new.removed, new.restored)


def _authors(document: DocumentId, epoch: Epoch, since: float, until: float) -> list[str]:
    times = [rows.as_time(datetime.fromtimestamp(at, tz=timezone.utc)) for at in (since, until)]
    return [author for (author,) in rows.select(_AUTHORS, document, epoch, *times)]


def _moment(id: int, at: float, authors: str, *rest: Any) -> Moment:
    return Moment(id, at, tuple(Author(*author) for author in json.loads(authors)), *rest)
