"""When a document is due to be compacted, and which of its rows become one."""

import pytest

from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, Row, compaction
from jupyter_live.log.compaction import Compaction, grouped

ONE = DocumentId("text:file:1")


def row(document: DocumentId = ONE, size: int = 10) -> Entry:
    return Entry(document, Epoch("epoch"), b"x" * size, "", lambda seq: None)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "ROWS", 3)
    monkeypatch.setattr(compaction, "MANY_ROWS", 10)
    monkeypatch.setattr(compaction, "KNOWN", 5)


def test_many_rows_that_weigh_as_much_as_the_base_are_due() -> None:
    tails = Compaction()
    tails.opened(ONE, 50, [b"x" * 10])
    assert [tails.logged([row()]) for _ in range(4)] == [[], [], [], [ONE]]


def test_very_many_rows_are_due_whatever_they_weigh() -> None:
    tails = Compaction()
    tails.opened(ONE, 10**6)
    assert tails.logged([row()] * 9) == []
    assert tails.logged([row()]) == [ONE]


def test_what_could_not_be_compacted_is_due_after_as_many_rows_again() -> None:
    tails = Compaction()
    tails.opened(ONE, 50)
    assert tails.logged([row()] * 5) == [ONE]
    tails.failed(ONE)
    assert [tails.logged([row()]) for _ in range(5)] == [[], [], [], [], [ONE]]


def test_documents_that_were_opened_and_never_closed_do_not_pile_up() -> None:
    tails = Compaction()
    for n in range(100):
        tails.opened(DocumentId(f"text:file:{n}"), 10)
    assert len(tails._tails) == 5
    forgotten = DocumentId("text:file:0")
    assert tails.logged([row(forgotten)] * 3) == [forgotten], "it is counted anew"


@pytest.mark.parametrize(
    ("marks", "spare", "ends"),
    [
        ([], 0, [9]),
        ([], 3, [9]),  # nobody will ever want a part
        ([0], 0, [0, 9]),
        ([4], 0, [4, 9]),
        ([4, 6], 0, [4, 6, 9]),
        ([9], 0, [9]),
        ([4], 3, [4, 6]),
        ([8], 3, [8]),
        ([4], 30, [4]),
        ([0], 30, [0]),
    ],
)
def test_rows_become_one_between_the_contents_that_the_file_may_have(
    marks: list[int], spare: int, ends: list[int]
) -> None:
    rows = [Row(Seq(n), b"") for n in range(10)]
    groups = grouped(rows, [Seq(mark) for mark in marks], spare)
    assert [group[-1].seq for group in groups] == ends
    assert [row for group in groups for row in group] == rows[: ends[-1] + 1], "none twice, none left out"


def test_a_mark_that_cannot_be_replayed_any_more_divides_nothing() -> None:
    rows = [Row(Seq(n), b"") for n in (5, 6, 9, 10)]
    assert [group[-1].seq for group in grouped(rows, [Seq(2)], 0)] == [10]
    assert [group[-1].seq for group in grouped(rows, [Seq(7)], 0)] == [6, 10]
