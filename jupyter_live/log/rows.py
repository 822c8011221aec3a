"""What every commit does, in few statements: the ORM's way costs 2 ms for each document, this one 0.1 ms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Fingerprints
from jupyter_live.log.writer import Mark
from jupyter_live.models import Document, Update

AT_ONCE = 500  # documents asked for in one statement

_DOCUMENT, _UPDATE = Document._meta.db_table, Update._meta.db_table
_LAST = (
    f'SELECT d.id, d.epoch, (SELECT MAX(u.seq) FROM "{_UPDATE}" u WHERE u.document_id = d.id AND u.epoch = d.epoch)'
    f' FROM "{_DOCUMENT}" d WHERE d.id IN '
)
_LOCK = f'SELECT 1 FROM "{_DOCUMENT}" WHERE id IN '
_USE = f'UPDATE "{_DOCUMENT}" SET used = %s WHERE used < %s AND id IN '
_INSERT = f'INSERT INTO "{_UPDATE}" (document_id, epoch, seq, data, author, at) VALUES (%s, %s, %s, %s, %s, %s)'
_FILE = ("written", "written_seq", "written_also", "writing", "writing_seq", "writing_also", "merged")
_MARK = f'UPDATE "{_DOCUMENT}" SET {", ".join(f"{name} = %s" for name in _FILE)} WHERE id = %s AND epoch = %s'
_NEW = (*_FILE, "epoch", "used")
_PUT = (
    f'INSERT INTO "{_DOCUMENT}" ({", ".join(_NEW)}, id) VALUES ({", ".join(["%s"] * len(_NEW))}, %s)'
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NEW)}"
)
_CLEAR = f'DELETE FROM "{_UPDATE}" WHERE document_id = %s'


class NewRow(NamedTuple):
    document: DocumentId
    epoch: Epoch
    seq: Seq
    data: bytes
    author: str


def lock(documents: Sequence[DocumentId]) -> None:
    """Let no other process write rows of these documents until the transaction ends; SQLite does so by itself."""
    if connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            for some in _batches(sorted(documents)):  # in one order: else two processes may wait for each other
                cursor.execute(_LOCK + _list_of(some) + " ORDER BY id FOR UPDATE", some)


def last_seqs(documents: Sequence[DocumentId]) -> dict[tuple[DocumentId, Epoch], Seq]:
    """The last row of each document that there is, in its epoch."""
    found: dict[tuple[DocumentId, Epoch], Seq] = {}
    with connection.cursor() as cursor:
        for some in _batches(documents):
            cursor.execute(_LAST + _list_of(some), some)
            found |= {(document, epoch): Seq(seq) for document, epoch, seq in cursor.fetchall()}
    return found


def use(documents: Sequence[DocumentId], now: datetime, before: datetime) -> None:
    """Note that documents last used `before` a time are used now."""
    with connection.cursor() as cursor:
        for some in _batches(documents):
            cursor.execute(_USE + _list_of(some), [as_time(now), as_time(before), *some])


def put(base: NewRow, file: Fingerprints, now: datetime) -> None:
    """Begin a history of a document with its first row, in place of the one that there may be."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [*_fields(file), base.epoch, as_time(now), base.document])
        cursor.execute(_CLEAR, [base.document])
    insert([base], now)


def insert(rows: Sequence[NewRow], now: datetime) -> None:
    at = as_time(now)
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [(*row[:4], row.author[:255], at) for row in rows])


def mark(marks: Sequence[Mark]) -> None:
    """Note what files hold, for documents that are still in the epoch of their mark."""
    with connection.cursor() as cursor:
        cursor.executemany(_MARK, [(*_fields(of.file), of.document, of.epoch) for of in marks])


def _fields(file: Fingerprints) -> tuple[str | int, ...]:
    marks = [(mark.fingerprint, mark.seq, " ".join(map(str, mark.also))) for mark in (file.written, file.writing)]
    return *marks[0], *marks[1], file.merged


def _batches(documents: Sequence[DocumentId]) -> Iterator[Sequence[DocumentId]]:
    return (documents[i : i + AT_ONCE] for i in range(0, len(documents), AT_ONCE))


def _list_of(values: Sequence[object]) -> str:
    return f"({', '.join(['%s'] * len(values))})"


def select(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """All that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def as_time(value: datetime) -> Any:
    """A time as the database has it."""
    return connection.ops.adapt_datetimefield_value(value)
