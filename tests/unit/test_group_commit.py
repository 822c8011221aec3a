"""Group commit, with a store that fails when it is told to."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from waiting import until

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, writer
from jupyter_live.log.writer import GroupCommit, Mark

ONE, OTHER, EPOCH = DocumentId("text:file:1"), DocumentId("text:file:2"), Epoch("epoch")


class Store:
    """A log in memory. While `failing` is set, commits raise; while `go_on` is not, they wait. `dead` rows are lost."""

    def __init__(self) -> None:
        self.rows: list[tuple[DocumentId, bytes]] = []
        self.marks: list[str] = []
        self.commits: list[int] = []
        self.attempts = 0
        self.failing = False
        self.dead: set[bytes] = set()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self._seqs = {ONE: count(1), OTHER: count(1)}

    async def commit(self, entries: Sequence[Entry], marks: Sequence[Mark]) -> list[Seq | None]:
        self.attempts += 1
        await asyncio.sleep(0)
        await self.go_on.wait()
        if self.failing:
            raise OSError("the disk is full")
        self.commits.append(len(entries))
        self.marks += [mark.file.written.fingerprint for mark in marks]
        return [None if entry.update in self.dead else self._store(entry) for entry in entries]

    def _store(self, entry: Entry) -> Seq:
        self.rows.append((entry.document, entry.update))
        return Seq(next(self._seqs[entry.document]))


class Desk:
    """A `GroupCommit` on a `Store`, and what it told."""

    def __init__(self) -> None:
        self.store = Store()
        self.health: list[str | None] = []
        self.done: list[tuple[bytes, int]] = []
        self.lost: list[bytes] = []
        self.log = GroupCommit(self.store.commit, b"".join, self._hear)

    def append(self, update: bytes, document: DocumentId = ONE) -> None:
        def done(seq: Seq) -> None:
            self.done.append((update, seq))

        self.log.append(Entry(document, EPOCH, update, "ada", done, lambda: self.lost.append(update)))

    def mark(self, written: str) -> None:
        self.log.mark(Mark(ONE, EPOCH, Fingerprints(FileMark(written))))

    def _hear(self, error: LiveError | None) -> None:
        self.health.append(error.code if error else None)


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(writer, "RETRY_FIRST", 0.01)
    monkeypatch.setattr(writer, "RETRY_MAX", 0.02)
    return Desk()


async def test_what_comes_during_a_commit_goes_into_the_next_one_together(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a")
    await until(lambda: desk.store.attempts == 1)
    for update in (b"b", b"c", b"d"):
        desk.append(update)
    desk.store.go_on.set()
    await desk.log.flush()
    assert desk.store.commits == [1, 3]
    assert desk.done == [(b"a", 1), (b"b", 2), (b"c", 3), (b"d", 4)]


async def test_a_failing_commit_is_tried_again_in_order_and_said_once(desk: Desk) -> None:
    desk.store.failing = True
    for n in range(10):
        desk.append(b"%d" % n)
        desk.append(b"%d" % n, OTHER)
    await until(lambda: desk.store.attempts >= 5)
    desk.append(b"later")
    await until(lambda: desk.store.attempts >= 8)
    assert desk.health == ["log_failed"] and desk.done == [] and desk.store.rows == []
    desk.store.failing = False
    await until(lambda: len(desk.done) == 21)
    assert desk.health == ["log_failed", None]
    for document in (ONE, OTHER):
        mine = [update for of, update in desk.store.rows if of == document]
        assert mine == [b"%d" % n for n in range(10)] + [b"later"] * (document == ONE)
    assert [seq for update, seq in desk.done if update != b"later"] == sorted([*range(1, 11)] * 2)


async def test_a_log_that_does_not_answer_is_said_and_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LATE", 0.01)
    desk.store.go_on.clear()
    desk.append(b"1")
    await until(lambda: desk.health)
    with pytest.raises(LiveError, match="log_failed"):
        await desk.log.flush()
    desk.store.go_on.set()
    await until(lambda: desk.done)
    assert desk.done == [(b"1", 1)] and desk.health == ["log_failed", None] and desk.store.attempts == 1


async def test_every_new_failure_is_said_again(desk: Desk) -> None:
    for n in range(3):
        desk.store.failing = True
        desk.append(b"x")
        await until(lambda n=n: len(desk.health) == 2 * n + 1)  # type: ignore[misc]
        desk.store.failing = False
        await until(lambda n=n: len(desk.health) == 2 * n + 2)  # type: ignore[misc]
    assert desk.health == ["log_failed", None] * 3


async def test_marks_wait_for_the_rows_before_them(desk: Desk) -> None:
    desk.store.failing = True
    desk.append(b"a")
    desk.mark("file with a")
    await until(lambda: desk.store.attempts >= 2)
    desk.append(b"b")
    desk.mark("file with b")
    await until(lambda: desk.store.attempts >= 4)
    assert desk.store.marks == []
    desk.store.failing = False
    await desk_is_quiet(desk)
    assert desk.store.marks[-1] == "file with b"
    assert desk.store.rows == [(ONE, b"a"), (ONE, b"b")]


async def test_what_queues_for_long_becomes_one_row_a_document(desk: Desk) -> None:
    desk.store.failing = True
    for n in range(writer.SQUEEZE_AT):
        desk.append(b"[%d]" % n)
        desk.append(b"<%d>" % n, OTHER)
    await until(lambda: desk.store.attempts >= 3)
    desk.append(b"[last]")
    await until(lambda: desk.store.attempts >= 5)
    desk.store.failing = False
    await desk_is_quiet(desk)
    everything = b"".join(b"[%d]" % n for n in range(writer.SQUEEZE_AT))
    assert b"".join(update for document, update in desk.store.rows if document == ONE) == everything + b"[last]"
    assert len(desk.store.rows) <= 3
    ones = [update for update, _ in desk.done if update.startswith(b"[")]
    assert b"".join(ones) == everything + b"[last]", "each is done once, in order"
    assert len(desk.done) == 2 * writer.SQUEEZE_AT + 1


async def test_a_flush_waits_for_everything_and_for_no_failing_log(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a")
    flush = asyncio.create_task(desk.log.flush())
    await until(lambda: desk.store.attempts == 1)
    assert not flush.done()
    desk.store.go_on.set()
    await flush
    assert desk.done == [(b"a", 1)]
    desk.store.failing = True
    desk.append(b"b")
    with pytest.raises(LiveError) as caught:
        await asyncio.wait_for(desk.log.flush(), 10)
    assert caught.value.code == "log_failed"


async def test_a_flush_does_not_wait_for_what_comes_after_it(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a")
    await until(lambda: desk.store.attempts == 1)
    desk.append(b"b")
    flush = asyncio.create_task(desk.log.flush())
    await asyncio.sleep(0)
    for n in range(1, 10):  # the writer is never idle
        await until(lambda n=n: desk.store.attempts == n)  # type: ignore[misc]
        await asyncio.sleep(0)
        assert flush.done() == (n >= 3), "it waits for the batch under way and the next one"
        desk.append(b"later")
        desk.store.go_on.set()
        await asyncio.sleep(0)
        desk.store.go_on.clear()
    assert desk.done[:2] == [(b"a", 1), (b"b", 2)]
    desk.store.go_on.set()
    await desk.log.flush()


async def test_what_came_while_the_log_failed_is_flushed_once_it_works(desk: Desk) -> None:
    desk.store.failing = True
    desk.append(b"a")
    await until(lambda: bool(desk.health))
    desk.append(b"b")
    desk.mark("file")
    desk.store.failing = False
    await desk_is_quiet(desk)
    await asyncio.wait_for(desk.log.flush(), 10)
    assert desk.done == [(b"a", 1), (b"b", 2)] and desk.store.marks == ["file"]


async def test_a_flush_of_a_log_that_is_closed_meanwhile_ends(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"lost")
    flush = asyncio.create_task(desk.log.flush())
    await until(lambda: desk.store.attempts == 1)
    desk.store.failing = True
    closing = asyncio.create_task(desk.log.close())
    desk.store.go_on.set()
    await asyncio.wait_for(closing, 10)
    with pytest.raises(LiveError, match="log_failed"):
        await asyncio.wait_for(flush, 10)


async def test_a_row_that_is_lost_is_told_so_and_no_other(desk: Desk) -> None:
    desk.store.dead = {b"b"}
    for update in (b"a", b"b", b"c"):
        desk.append(update)
    await desk.log.flush()
    assert desk.lost == [b"b"] and desk.done == [(b"a", 1), (b"c", 2)]


async def test_rows_that_became_one_are_lost_together(desk: Desk) -> None:
    desk.store.failing = True
    updates = [b"[%d]" % n for n in range(writer.SQUEEZE_AT + 1)]
    for update in updates:
        desk.append(update)
    desk.store.dead = {b"".join(updates)}
    await until(lambda: desk.store.attempts >= 3)
    desk.store.failing = False
    await desk_is_quiet(desk)
    assert desk.lost == updates and desk.done == [] and desk.store.rows == []


async def test_it_knows_which_documents_wait(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a", OTHER)
    desk.mark("file")
    assert desk.log.holds(ONE) and desk.log.holds(OTHER)
    await until(lambda: desk.store.attempts == 1)
    assert desk.log.holds(ONE) and desk.log.holds(OTHER)
    desk.store.go_on.set()
    await desk.log.flush()
    assert not desk.log.holds(ONE) and not desk.log.holds(OTHER)


@pytest.mark.parametrize("when", ["before the close", "during the close"])
async def test_closing_a_log_that_fails_ends_and_acknowledges_nothing(
    desk: Desk, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.store.failing = True
    if when == "during the close":
        desk.store.go_on.clear()
    desk.append(b"lost")
    await until(lambda: desk.store.attempts == 1 if when == "during the close" else bool(desk.health))
    closing = asyncio.create_task(desk.log.close())
    await asyncio.sleep(0)
    desk.store.go_on.set()
    await asyncio.wait_for(closing, 10)
    desk.store.failing = False
    attempts = desk.store.attempts
    await asyncio.sleep(0.1)
    assert desk.store.attempts == attempts, "nothing is tried after the close"
    assert desk.done == [] and desk.store.rows == []
    assert any("log_failed" in record.getMessage() for record in caplog.records)


async def test_closing_a_sound_log_commits_what_is_queued(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a")
    desk.append(b"b")
    desk.mark("file")
    asyncio.get_running_loop().call_later(0.01, desk.store.go_on.set)
    await desk.log.close()
    assert [update for _, update in desk.store.rows] == [b"a", b"b"] and desk.store.marks == ["file"]


async def test_closing_waits_for_what_comes_during_the_close(desk: Desk) -> None:
    desk.store.go_on.clear()
    desk.append(b"a")
    await until(lambda: desk.store.attempts == 1)
    closing = asyncio.create_task(desk.log.close())
    await asyncio.sleep(0)
    desk.append(b"b")
    desk.store.go_on.set()
    await closing
    assert desk.done == [(b"a", 1), (b"b", 2)]


async def desk_is_quiet(desk: Desk) -> None:
    """Until the log is written again and everything is in it."""
    await until(lambda: desk.health[-1:] == [None])
    await desk.log.flush()


async def test_a_room_that_breaks_does_not_keep_others_from_hearing(desk: Desk) -> None:
    def breaks(seq: Seq) -> None:
        raise RuntimeError("this room broke")

    desk.log.append(Entry(OTHER, EPOCH, b"theirs", "bob", breaks))
    desk.append(b"ours")
    await desk.log.flush()
    await until(lambda: desk.done == [(b"ours", 1)])
    desk.append(b"later")
    await until(lambda: desk.done[1:] == [(b"later", 2)])
