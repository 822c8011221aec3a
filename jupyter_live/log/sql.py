"""The update log on Django's ORM. All database work is done on one thread of its own, never on the event loop."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, Fingerprints, History
from jupyter_live.log.compaction import Compaction
from jupyter_live.log.database import tune
from jupyter_live.log.writer import GroupCommit, Mark
from jupyter_live.models import Document, Update

log = logging.getLogger(__name__)

T = TypeVar("T")
Fold = Callable[[Sequence[bytes]], bytes]


class SqlLog:
    """An `UpdateLog` in a SQL database.

    `merge` makes one update of many, `fold` also drops what was deleted: both are the engine's.
    """

    def __init__(self, merge: Fold, fold: Fold) -> None:
        self._fold = fold
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="jupyter-live-log", initializer=tune)
        self._compaction = Compaction()
        self._writer = GroupCommit(self._commit, merge, self._health)
        self.on_health: Callable[[LiveError | None], None] = lambda error: None

    async def load(self, document: DocumentId) -> History | None:
        if self._writer.holds(document):  # a room that is gone left them to a log that failed
            await self.flush()
        history = await self._run(load, document)
        if history is not None:
            self._compaction.opened(document, len(history.base), history.rows)
        return history

    async def begin(self, document: DocumentId, base: bytes, file: Fingerprints) -> History:
        history = await self._run(begin, document, base, file)
        self._compaction.opened(document, len(base))
        return history

    async def set_aside(self, document: DocumentId) -> str:
        return await self._run(set_aside, document)

    def append(self, entry: Entry) -> None:
        self._writer.append(entry)

    def mark(self, document: DocumentId, epoch: Epoch, file: Fingerprints) -> None:
        self._writer.mark(Mark(document, epoch, file))

    async def flush(self) -> None:
        await self._writer.flush()

    async def compact(self, document: DocumentId) -> None:
        await self.flush()
        await self._compact(document)
        self._compaction.closed(document)

    async def close(self) -> None:
        await self._writer.close()
        await self._run(connections.close_all)
        self._thread.shutdown()

    async def _commit(self, entries: Sequence[Entry], marks: Sequence[Mark]) -> list[Seq | None]:
        seqs = await self._run(commit, entries, marks)
        stored = [entry for entry, seq in zip(entries, seqs, strict=True) if seq is not None]
        if lost := len(entries) - len(stored):
            log.warning("unknown_session: %d changes of documents with a new history by now were not logged", lost)
        for document in self._compaction.logged(stored):
            await self._compact(document)
        return seqs

    async def _compact(self, document: DocumentId) -> None:
        try:
            base = await self._run(compact, document, self._fold)
        except Exception:
            log.exception("%s could not be compacted; its log goes on growing", document)
            self._compaction.failed(document)
        else:
            self._compaction.opened(document, base)

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _health(self, error: LiveError | None) -> None:
        self.on_health(error)


def load(document: DocumentId) -> History | None:
    with transaction.atomic():  # base and rows of one moment, whatever compaction does meanwhile
        found = Document.objects.filter(pk=document).first()
        if found is None:
            return None
        rows = list(_tail(found).values_list("seq", "data"))
    return History(
        epoch=Epoch(found.epoch),
        base=bytes(found.base),
        rows=[bytes(data) for _, data in rows],
        seq=Seq(rows[-1][0] if rows else found.base_seq),
        file=Fingerprints(found.file_written, found.file_writing),
    )


def begin(document: DocumentId, base: bytes, file: Fingerprints) -> History:
    epoch = Epoch(str(uuid.uuid4()))
    fields = {"epoch": epoch, "base": base, "base_seq": 0, **_file_fields(file)}
    with transaction.atomic():
        Document.objects.update_or_create(pk=document, defaults=fields)
        Update.objects.filter(document_id=document).exclude(epoch=epoch).delete()
    return History(epoch=epoch, base=base, file=file)


def set_aside(document: DocumentId) -> str:
    with transaction.atomic():
        found = Document.objects.get(pk=document)
        rows = Update.objects.filter(document_id=document)
        found.pk = f"{document}#{found.epoch}"
        found.save(force_insert=True)
        rows.update(document=found)
        Document.objects.filter(pk=document).delete()
    return str(found.pk)


def commit(entries: Sequence[Entry], marks: Sequence[Mark]) -> list[Seq | None]:
    """Write rows and marks in one transaction; returns the rows' seqs.

    What belongs to another epoch than the document's (another server may have begun one) is left out, its seq is None.
    """
    now = timezone.now()
    last: dict[tuple[DocumentId, Epoch], Seq | None] = {}
    seqs: list[Seq | None] = []
    rows = []
    with transaction.atomic():
        for entry in entries:
            key = entry.document, entry.epoch
            if key not in last:
                last[key] = _last_seq(*key)
            before = last[key]
            seq = last[key] = None if before is None else Seq(before + 1)
            seqs.append(seq)
            if seq is None:
                continue
            rows.append(
                Update(
                    document_id=entry.document,
                    epoch=entry.epoch,
                    seq=seq,
                    data=entry.update,
                    author=entry.author[:255],
                    at=now,
                )
            )
        Update.objects.bulk_create(rows)
        for mark in marks:
            Document.objects.filter(pk=mark.document, epoch=mark.epoch).update(**_file_fields(mark.file))
    return seqs


def compact(document: DocumentId, fold: Fold) -> int:
    """Fold the rows into the base; returns its size.

    New base first, rows away second, both in one transaction: a crash leaves either the old or the new.
    """
    with transaction.atomic():
        found = Document.objects.filter(pk=document).first()
        if found is None:
            return 0
        rows = list(_tail(found).values_list("seq", "data"))
        if not rows:
            return len(found.base)
        found.base = fold([bytes(found.base), *(bytes(data) for _, data in rows)])
        found.base_seq = rows[-1][0]
        found.save(update_fields=["base", "base_seq"])
        Update.objects.filter(document=found, epoch=found.epoch, seq__lte=found.base_seq).delete()
    return len(found.base)


def _file_fields(file: Fingerprints) -> dict[str, str]:
    return {"file_written": file.written, "file_writing": file.writing}


def _tail(document: Document) -> QuerySet[Update]:
    return Update.objects.filter(document=document, epoch=document.epoch, seq__gt=document.base_seq).order_by("seq")


def _last_seq(document: DocumentId, epoch: Epoch) -> Seq | None:
    """None when `epoch` is not the document's."""
    base = Document.objects.filter(pk=document, epoch=epoch).values_list("base_seq", flat=True).first()
    if base is None:
        return None
    newest = Update.objects.filter(document_id=document, epoch=epoch).aggregate(newest=Max("seq"))["newest"]
    return Seq(base if newest is None else newest)
