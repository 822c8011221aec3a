"""A room's rows on their way into the log."""

import asyncio

import pytest

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.journal import Journal
from jupyter_live.log import Entry
from jupyter_live.tail import Tail


class Log:
    """Takes rows, and makes them durable when it is told to."""

    def __init__(self) -> None:
        self.queue: list[Entry] = []

    def append(self, entry: Entry) -> None:
        self.queue.append(entry)

    async def flush(self, *, patient: bool = False) -> None:
        for number, entry in enumerate(self.queue):
            entry.done(Seq(number))
        self.queue.clear()


@pytest.fixture
async def log() -> Log:
    return Log()


@pytest.fixture
async def journal(log: Log) -> Journal:
    tail = Tail(Seq(0))
    return Journal(DocumentId("1"), Epoch("1"), tail, log, lambda *row: None, lambda: None)  # type: ignore[arg-type]


def rows(log: Log) -> list[bytes]:
    return [entry.update for entry in log.queue]


async def test_what_is_held_reaches_the_log_together_and_in_order(journal: Journal, log: Log) -> None:
    durable = []
    journal.record(b"before", "")
    journal.hold()
    journal.record(b"a move", "")
    journal.when_durable(lambda: durable.append("a move"))
    journal.hold()
    journal.record(b"typed meanwhile", "")
    journal.release()
    assert rows(log) == [b"before"], "somebody else holds it still"
    journal.record(b"the rescue", "")
    journal.release()
    assert rows(log) == [b"before", b"a move", b"typed meanwhile", b"the rescue"]
    assert durable == []
    await journal.flush()
    assert durable == ["a move"]
    journal.record(b"after", "")
    assert rows(log) == [b"after"]


async def test_what_follows_a_document_is_logged_after_it(journal: Journal, log: Log) -> None:
    def follow(update: bytes) -> None:
        log.append(Entry(DocumentId("2"), Epoch("1"), b"its fork: " + update, "", lambda seq: None))

    journal.queued = follow
    journal.record(b"one", "")
    journal.hold()
    journal.record(b"two", "")
    journal.release()
    assert rows(log) == [b"one", b"its fork: one", b"two", b"its fork: two"]


async def test_who_flushes_waits_for_what_is_held(journal: Journal, log: Log) -> None:
    journal.hold()
    journal.record(b"a move", "")
    flushed = asyncio.create_task(journal.flush())
    await asyncio.sleep(0.01)
    assert not flushed.done()
    journal.release()
    await asyncio.wait_for(flushed, 5)


async def test_nobody_waits_for_what_is_held_up(journal: Journal, log: Log) -> None:
    journal.hold()
    journal.record(b"a move", "")
    waiting = asyncio.create_task(journal.flush())
    await asyncio.sleep(0)
    journal.held_up(LiveError("log_failed"))
    for flush in (waiting, journal.flush()):
        with pytest.raises(LiveError, match="log_failed"):
            await flush
    journal.hold()
    with pytest.raises(LiveError, match="log_failed"):
        await journal.flush()
    journal.release()
    journal.release()
    assert rows(log) == [b"a move"]
    await journal.flush()
    assert rows(log) == []


async def test_what_a_document_has_is_told_by_rows_when_others_write_in_between(log: Log) -> None:
    tail, told = Tail(Seq(4)), list[tuple[Seq, tuple[Seq, ...]]]()
    journal = Journal(DocumentId("1"), Epoch("1"), tail, log, lambda *row: None, lambda: None)  # type: ignore[arg-type]

    def known(seq: Seq, also: tuple[Seq, ...]) -> None:
        told.append((seq, also))

    journal.when_known(known)
    journal.record(b"a", "")
    journal.record(b"b", "")
    journal.when_known(known)
    journal.record(b"later", "")
    log.queue.pop(0).done(Seq(5))
    tail.reach(Seq(6))  # of another process
    journal.when_known(known)
    log.queue.pop(0).done(Seq(8))
    journal.when_known(known)
    log.queue.pop(0).done(Seq(9))
    assert told == [(4, ()), (5, (8,)), (6, (8, 9)), (6, (8, 9))]
