"""The timelines of documents in the log's database, each call one transaction on the log's thread."""

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

_TOLD = ("id", "at", "authors", "fingerprint", "size", "added", "removed", "restored")


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
    return [_moment(found) for found in Kept.objects.filter(document=document).order_by("id").values(*_TOLD)]


def _get(document: DocumentId, number: int) -> tuple[Moment, bytes] | None:
    found = Kept.objects.filter(document=document, pk=number).values(*_TOLD, "data").first()
    return (_moment(found), bytes(found.pop("data"))) if found else None


def _add(document: DocumentId, new: NewMoment, days: float) -> Moment | None:
    with transaction.atomic():
        rows.lock([document])  # of several processes that keep the same content one does
        own = Kept.objects.filter(document=document)
        newest = own.order_by("-id").values_list("fingerprint", flat=True).first()
        if newest == new.fingerprint:
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
        now = time.time()
        sketches = [Sketch(*found) for found in own.order_by("id").values_list("id", "at", "bytes")]
        own.filter(pk__in=thin(sketches, now, LIMIT, now - days * DAY if days else None)).delete()
    return Moment(kept.pk, new.at, new.authors, new.fingerprint, new.size, new.added, new.removed, new.restored)


def _authors(document: DocumentId, epoch: Epoch, since: float, until: float) -> list[str]:
    times = [datetime.fromtimestamp(at, tz=timezone.utc) for at in (since, until)]
    found = Update.objects.filter(document_id=document, epoch=epoch, at__range=times).exclude(author="")
    return [*found.values_list("author", flat=True).order_by("author").distinct()]


def _moment(found: dict[str, Any]) -> Moment:
    authors = tuple(Author(*author) for author in json.loads(found["authors"]))
    return Moment(**{name: found[name] for name in _TOLD} | {"authors": authors})
