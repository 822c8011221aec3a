"""What the log does in the database, each in one transaction. Run on the log's thread."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from jupyter_live.ids import DocumentId, Epoch, Fork, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, History, Row, rows
from jupyter_live.log.compaction import grouped
from jupyter_live.log.database import synced
from jupyter_live.log.writer import Mark
from jupyter_live.models import Document, Moment, Update
from jupyter_live.models import Fork as ForkRow

USED_EVERY = timedelta(hours=1)  # how precisely the last use of a document is known
BASE_OF_FORK = "root"  # stands where other documents have the fingerprint of their file
FORMER = 3  # histories with another epoch by now that are kept of a document, for clients that come back to them


@dataclass(frozen=True, slots=True)
class Restored:
    """A document as a room still has it after the database was lost. `seq` was the last that anybody was told."""

    document: DocumentId
    epoch: Epoch
    base: bytes
    seq: Seq
    file: Fingerprints
    fork: Fork | None = None
    """What it is a fork of, if it is one."""


def load(document: DocumentId) -> History | None:
    with transaction.atomic():  # all of one moment, whatever compaction does meanwhile
        found = Document.objects.select_for_update().filter(pk=document).first()
        if found is None:
            return None
        stored = Update.objects.filter(document=found, epoch=found.epoch).order_by("seq").values_list("seq", "data")
        found_rows = [Row(Seq(seq), bytes(data)) for seq, data in stored]
    base, *after = found_rows or [Row(Seq(0), b"")]  # only damage takes the base away; then nothing can be replayed
    return History(Epoch(found.epoch), base.data, base.seq, after, _file(found))


def after(document: DocumentId, epoch: Epoch, seq: Seq) -> list[Row] | None:
    with transaction.atomic():
        if not Document.objects.select_for_update().filter(pk=document, epoch=epoch).exists():
            return None
        stored = Update.objects.filter(document_id=document, epoch=epoch, seq__gt=seq).order_by("seq")
        return [Row(Seq(seq), bytes(data)) for seq, data in stored.values_list("seq", "data")]


def knows(document: DocumentId) -> bool:
    return bool(Document.objects.filter(pk=document).exists())


def begin(document: DocumentId, base: bytes, file: Fingerprints, epoch: Epoch | None) -> History:
    epoch = epoch or Epoch(str(uuid.uuid4()))
    with transaction.atomic():
        _put(Restored(document, epoch, base, Seq(0), file), timezone.now())
    return History(epoch=epoch, base=base, file=file)


def rename(document: DocumentId, fold: Callable[[Sequence[bytes]], bytes]) -> Epoch:
    epoch = Epoch(str(uuid.uuid4()))
    with transaction.atomic():
        if history := load(document):
            remember(document, history.epoch, fold([history.base, *(row.data for row in history.rows)]))
            Document.objects.filter(pk=document).update(epoch=epoch)
            Update.objects.filter(document_id=document).update(epoch=epoch)
    return epoch


def remember(document: DocumentId, epoch: Epoch, whole: bytes) -> None:
    with transaction.atomic():
        _put(Restored(_former(document, epoch), epoch, whole, Seq(0), Fingerprints()), timezone.now())
        older = Document.objects.filter(pk__startswith=_former(document)).order_by("-used")[FORMER:]
        _delete([*older.values_list("pk", flat=True)])


def former(document: DocumentId, epoch: Epoch) -> bytes | None:
    history = load(_former(document, epoch))
    return history.base if history else None


def begin_fork(fork: Fork, base: bytes, limit: int) -> History | None:
    """None, and nothing is done, where the root has as many forks as `limit`."""
    with transaction.atomic():
        rows.lock([fork.root])  # or two processes would count at once
        if ForkRow.objects.filter(root=fork.root).count() >= limit:
            return None
        return _begin_fork(fork, base, [])


def move_fork(fork: Fork, base: bytes, updates: Sequence[bytes], fold: Callable[[Sequence[bytes]], bytes]) -> History:
    with transaction.atomic():
        if history := load(fork.document):
            remember(fork.document, history.epoch, fold([history.base, *(row.data for row in history.rows)]))
        return _begin_fork(fork, base, updates)


def _begin_fork(fork: Fork, base: bytes, updates: Sequence[bytes]) -> History:
    now, epoch, marks = timezone.now(), Epoch(str(uuid.uuid4())), Fingerprints(FileMark(BASE_OF_FORK, Seq(0)))
    _put(Restored(fork.document, epoch, base, Seq(0), marks, fork), now)
    after = [Row(Seq(seq), data) for seq, data in enumerate(updates, 1)]
    for row in after:
        _row(fork.document, epoch, row, "", now).save(force_insert=True)
    return History(epoch, base, Seq(0), after, marks)


def fork(fork_id: str) -> Fork | None:
    found = ForkRow.objects.filter(pk=fork_id).first()
    return _fork(found) if found else None


def forks(root: DocumentId) -> list[Fork]:
    return [_fork(found) for found in ForkRow.objects.filter(root=root).order_by("at", "pk")]


def end_fork(document: DocumentId) -> None:
    with transaction.atomic():
        former = Document.objects.filter(pk__startswith=_former(document))
        _delete([document, *former.values_list("pk", flat=True)])


def _fork(found: ForkRow) -> Fork:
    root, epoch = DocumentId(found.root), Epoch(found.root_epoch)
    return Fork(DocumentId(found.document_id), root, epoch, found.synchronize, found.title, found.description)


def set_aside(document: DocumentId) -> str:
    with transaction.atomic():
        found = Document.objects.get(pk=document)
        moved = Update.objects.filter(document_id=document)
        found.pk = f"{document}#{timezone.now():%Y-%m-%dT%H:%M:%S.%f}"
        found.save(force_insert=True)
        moved.update(document=found)
        Document.objects.filter(pk=document).delete()
    return str(found.pk)


def commit(entries: Sequence[Entry], marks: Sequence[Mark], restored: Sequence[Restored] = ()) -> list[Seq | None]:
    """Write restored documents, then rows, then marks, in one transaction; returns the rows' seqs.

    What belongs to another epoch than the document's is left out, its seq is None. Before a file is written the log is
    on the disk: else a power failure might leave a file of which the log knows nothing.
    """
    with synced() if any(of.file.writing.fingerprint for of in marks) else nullcontext():
        return _commit(entries, marks, restored)


def _commit(entries: Sequence[Entry], marks: Sequence[Mark], restored: Sequence[Restored]) -> list[Seq | None]:
    now = timezone.now()
    documents = list(dict.fromkeys(entry.document for entry in entries))
    seqs: list[Seq | None] = []
    new = []
    with transaction.atomic():
        for each in restored:
            _put(each, now)
        rows.lock([*documents, *(of.document for of in marks)])
        last = rows.last_seqs(documents)
        for entry in entries:
            key = entry.document, entry.epoch
            if key in last:
                last[key] = Seq(last[key] + 1)
                new.append(rows.NewRow(*key, last[key], entry.update, entry.author))
            seqs.append(last.get(key))
        rows.insert(new, now)
        rows.use(documents, now, now - USED_EVERY)
        rows.mark(marks)
    return seqs


class Group(NamedTuple):
    """Neighbouring rows of a history, and what is to be of them: `data` is one row that stands for all."""

    rows: Sequence[Row]
    data: bytes = b""


def to_fold(document: DocumentId, spare: int = 0) -> tuple[Epoch, list[Group]] | None:
    """The rows that may become few, without the newest `spare` ones; None when there is no such document."""
    history = load(document)
    if history is None:
        return None
    all_rows = [Row(history.base_seq, history.base), *history.rows]
    return history.epoch, [Group(rows) for rows in grouped(all_rows, history.file.seqs, spare)]


def put_folded(document: DocumentId, epoch: Epoch, groups: Sequence[Group]) -> list[bytes] | None:
    """Put the data of each group in the place of its rows; returns the rows after them, in one transaction.

    None, and nothing is done, where the history is another by now, or a file has been marked to hold a part of a group.
    """
    now = timezone.now()
    with transaction.atomic():
        found = Document.objects.select_for_update().filter(pk=document, epoch=epoch).first()
        stored = Update.objects.filter(document_id=document, epoch=epoch)
        if found is None or any(_is_cut(group, _file(found).seqs) for group in groups):
            return None
        Document.objects.filter(pk=document).update(used=now)
        for rows, data in groups:
            if len(rows) > 1:
                old = stored.filter(seq__gte=rows[0].seq, seq__lte=rows[-1].seq)
                if old.count() != len(rows):
                    transaction.set_rollback(True)
                    return None
                old.delete()
                _row(document, epoch, Row(rows[-1].seq, data), "", now).save(force_insert=True)
        after = stored.filter(seq__gt=groups[-1].rows[-1].seq) if groups else stored
        return [bytes(data) for data in after.order_by("seq").values_list("data", flat=True)]


def _is_cut(group: Group, marks: Collection[Seq]) -> bool:
    """Whether one of the marks is at a row of the group that is not its last, and could be replayed up to there."""
    return any(row.seq in marks for row in group.rows[:-1])


def prune(before: datetime, busy: Collection[DocumentId], limit: int) -> int:
    """Delete up to `limit` histories that were last used before a time; returns how many there were.

    Only such as are not `busy` and have nothing that the file lacks, or were set aside, or are forks.
    """
    with transaction.atomic():
        old = Document.objects.filter(used__lt=before).exclude(pk__in=busy).annotate(last=Max("update__seq"))
        filed = ~Q(written="") & Q(written_seq__gte=F("last"))
        documents = [
            *old.filter(filed | Q(pk__contains="#") | Q(fork__isnull=False)).values_list("pk", flat=True)[:limit]
        ]
        _delete(documents)
    return len(documents)


def _delete(documents: Sequence[str]) -> None:
    Update.objects.filter(document__in=documents).delete()
    Document.objects.filter(pk__in=documents).delete()
    Moment.objects.filter(document__in=documents).delete()


def _former(document: DocumentId, epoch: str = "") -> DocumentId:
    """Under which id a history is kept that has another epoch now. `prune` knows it by the "#"."""
    return DocumentId(f"{document}#epoch {epoch}")


def _put(new: Restored, now: datetime) -> None:
    rows.put(rows.NewRow(new.document, new.epoch, new.seq, new.base, ""), new.file, now)
    if fork := new.fork:
        told = {name: getattr(fork, name) for name in ("root", "root_epoch", "synchronize", "title", "description")}
        ForkRow.objects.update_or_create(
            pk=fork.id,
            defaults=told | {"document_id": fork.document},
            create_defaults=told | {"document_id": fork.document, "at": now},
        )


def _row(document: DocumentId, epoch: Epoch, row: Row, author: str, at: datetime) -> Update:
    return Update(document_id=document, epoch=epoch, seq=row.seq, data=row.data, author=author[:255], at=at)


def _file(found: Document) -> Fingerprints:
    written = FileMark(found.written, Seq(found.written_seq), _seqs(found.written_also))
    return Fingerprints(
        written, FileMark(found.writing, Seq(found.writing_seq), _seqs(found.writing_also)), found.merged
    )


def _seqs(text: str) -> tuple[Seq, ...]:
    return tuple(Seq(int(part)) for part in text.split())
