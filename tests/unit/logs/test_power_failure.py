"""Before a file is written the log is on the disk, not only with the system: the file may be synced, and power fail."""

from typing import Any

import pytest
from django.db import connection

from jupyter_live.ids import DocumentId, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, rows, store
from jupyter_live.log.writer import Mark

ONE = DocumentId("text:file:one")
NORMAL, FULL = 1, 2


def synchronous() -> int:
    with connection.cursor() as cursor:
        (level,) = cursor.execute("PRAGMA synchronous").fetchone()
    return int(level)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("file", "level"),
    [
        (None, NORMAL),
        (Fingerprints(FileMark("written", Seq(1))), NORMAL),
        (Fingerprints(FileMark("written"), FileMark("writing", Seq(1))), FULL),
    ],
    ids=["a row", "written", "about to be written"],
)
def test_only_what_comes_before_a_file_is_written_waits_for_the_disk(
    file: Fingerprints | None, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch, found = store.begin(ONE, b"\0\0", Fingerprints(), None).epoch, list[int]()
    insert = rows.insert

    def insert_and_look(*args: Any) -> None:
        found.append(synchronous())
        insert(*args)

    monkeypatch.setattr(rows, "insert", insert_and_look)
    entry = Entry(ONE, epoch, b"\0\0", "", lambda seq: None)
    assert store.commit([entry], [Mark(ONE, epoch, file)] if file else []) == [1]
    assert (found, synchronous()) == ([level], NORMAL)
