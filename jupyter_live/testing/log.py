"""The contract of an update log."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Fork, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, History, Row, UpdateLog
from jupyter_live.testing.engine import read, typed

DOCUMENT = DocumentId("text:file:1")
FILE = Fingerprints(FileMark("on disk"))
FORKS = [
    Fork(DocumentId(f"text:file:{number:032x}"), DOCUMENT, Epoch("root"), bool(number), f"title {number}", "")
    for number in range(3)
]


class LogContract:
    """Inherit, and give an async fixture `log`, opened on an empty store, and a method `reopen`."""

    @pytest.fixture
    async def log(self) -> UpdateLog:
        raise NotImplementedError

    async def reopen(self, log: UpdateLog) -> UpdateLog:
        """The same store as another process would see it now, without the first one having closed it."""
        raise NotImplementedError

    async def append(self, log: UpdateLog, history: History, *updates: bytes) -> list[Seq]:
        seqs: list[Seq] = []
        for update in updates:
            log.append(Entry(DOCUMENT, history.epoch, update, "someone", seqs.append))
        await log.flush()
        return seqs

    def text(self, history: History | None, seq: Seq | None = None) -> str:
        """What a history says, up to a `seq`."""
        from jupyter_live.engine.pycrdt import PycrdtEngine

        assert history is not None
        updates = history.up_to(history.seq if seq is None else seq)
        assert updates is not None
        return read(PycrdtEngine().fold(updates))

    async def test_knows_nothing_of_a_new_document(self, log: UpdateLog) -> None:
        assert await log.load(DOCUMENT) is None

    async def test_begins_an_epoch_on_a_base(self, log: UpdateLog) -> None:
        begun = await log.begin(DOCUMENT, typed("base")[0], FILE)
        loaded = await log.load(DOCUMENT)
        assert loaded == begun and loaded.file == FILE and loaded.seq == 0

    async def test_rows_are_numbered_without_holes(self, log: UpdateLog) -> None:
        """Rule 2."""
        base, *updates = typed("a", "b", "c", "d")
        history = await log.begin(DOCUMENT, base, FILE)
        assert await self.append(log, history, *updates) == [1, 2, 3]
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and loaded.seq == 3
        assert loaded.rows == [Row(Seq(n), update) for n, update in enumerate(updates, 1)]

    async def test_rows_after_one_can_be_read(self, log: UpdateLog) -> None:
        base, *updates = typed(*"abcdef")
        history = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, history, *updates)
        other = await self.reopen(log)
        assert await other.after(DOCUMENT, history.epoch, Seq(3)) == [Row(Seq(4), updates[3]), Row(Seq(5), updates[4])]
        assert await other.after(DOCUMENT, history.epoch, Seq(5)) == []
        await log.compact(DOCUMENT)
        rows = await other.after(DOCUMENT, history.epoch, Seq(3))
        assert rows and [row.seq for row in rows] == [5], "one row stands for all after the base"
        new = await log.begin(DOCUMENT, base, FILE)
        assert await other.after(DOCUMENT, history.epoch, Seq(3)) is None
        assert await other.after(DOCUMENT, new.epoch, Seq(0)) == []
        await other.close()

    async def test_the_ends_of_documents_are_told(self, log: UpdateLog) -> None:
        unknown, other = DocumentId("text:file:?"), DocumentId("text:file:2")
        one, two = await log.begin(DOCUMENT, typed("1")[0], FILE), await log.begin(other, typed("2")[0], FILE)
        await self.append(log, one, *typed("a", "b"))
        tails = await log.tails([DOCUMENT, other, unknown])
        assert tails == {DOCUMENT: (one.epoch, 2), other: (two.epoch, 0)}

    async def test_one_process_has_the_lock_of_a_document(self, log: UpdateLog) -> None:
        assert await log.lock(DOCUMENT)
        other = await self.reopen(log)
        assert await other.lock(DOCUMENT) is not other.is_shared, "who shares it with nobody has it"
        assert await other.lock(DocumentId("text:file:2"))
        await log.unlock(DOCUMENT)
        assert await other.lock(DOCUMENT)
        await other.close()
        for _ in range(200):  # a database notices a moment later that somebody is gone
            if await log.lock(DOCUMENT):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("who is gone has none")
        await log.unlock(DOCUMENT)

    async def test_done_means_that_another_process_can_read_it(self, log: UpdateLog) -> None:
        """Rule 3."""
        base, update = typed("a", "b")
        history = await log.begin(DOCUMENT, base, FILE)
        done = asyncio.Event()
        log.append(Entry(DOCUMENT, history.epoch, update, "someone", lambda seq: done.set()))
        await done.wait()
        other = await self.reopen(log)
        assert self.text(await other.load(DOCUMENT)) == "ab"
        await other.close()

    async def test_documents_do_not_mix(self, log: UpdateLog) -> None:
        other = DocumentId("text:file:2")
        one, two = await log.begin(DOCUMENT, typed("1")[0], FILE), await log.begin(other, typed("2")[0], FILE)
        seqs: list[Seq] = []
        for _ in range(3):
            log.append(Entry(DOCUMENT, one.epoch, typed("x")[0], "", seqs.append))
            log.append(Entry(other, two.epoch, typed("y")[0], "", seqs.append))
        await log.flush()
        assert seqs == [1, 1, 2, 2, 3, 3]

    async def test_a_history_has_what_is_still_queued(self, log: UpdateLog) -> None:
        base, *updates = typed("a", "b", "c")
        history = await log.begin(DOCUMENT, base, FILE)
        for update in updates:
            log.append(Entry(DOCUMENT, history.epoch, update, "", lambda seq: None))
        log.mark(DOCUMENT, history.epoch, Fingerprints(FileMark("abc", Seq(2))))
        loaded = await log.load(DOCUMENT)
        assert self.text(loaded) == "abc"
        assert loaded is not None and "abc" in loaded.file

    async def test_rows_of_a_dead_epoch_are_lost(self, log: UpdateLog) -> None:
        other = DocumentId("text:file:2")
        old, sound = await log.begin(DOCUMENT, typed("old")[0], FILE), await log.begin(other, typed("1")[0], FILE)
        await self.append(log, old, typed("row")[0])
        elsewhere = await self.reopen(log)
        new = await elsewhere.begin(DOCUMENT, typed("new")[0], FILE)
        await elsewhere.close()
        told: list[object] = []
        for history, document in ((old, DOCUMENT), (sound, other), (new, DOCUMENT)):
            entry = Entry(document, history.epoch, typed("!")[0], "", told.append, lambda: told.append("lost"))
            log.append(entry)
        await log.flush()
        assert told == ["lost", 1, 1]
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and loaded.epoch == new.epoch and len(loaded.rows) == 1

    async def test_compaction_keeps_the_document_and_the_numbers(self, log: UpdateLog) -> None:
        base, *updates = typed(*"hello", "\b", "\b")
        history = await log.begin(DOCUMENT, base, Fingerprints())
        await self.append(log, history, *updates)
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and not loaded.rows
        assert loaded.seq == len(updates) and self.text(loaded) == "llo" and loaded.epoch == history.epoch
        assert await self.append(log, history, typed("!")[0]) == [len(updates) + 1]

    async def test_compaction_keeps_rows_apart_that_the_file_holds_between_others(self, log: UpdateLog) -> None:
        base, *updates = typed(*"hello world!")
        history = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, history, *updates)
        marks = Fingerprints(FileMark("some", Seq(3), (Seq(6), Seq(9))), FileMark("more", Seq(4), (Seq(6),)))
        log.mark(DOCUMENT, history.epoch, marks)
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and loaded.file == marks and loaded.base_seq == 3
        assert [row.seq for row in loaded.rows] == [4, 5, 6, 8, 9, 11]
        held = loaded.up_to(Seq(3), marks.written.also)
        assert held == [loaded.base, updates[5], updates[8]]
        assert loaded.up_to(Seq(3), [Seq(7)]) is None, "it is one with row 8 now"
        log.mark(DOCUMENT, history.epoch, Fingerprints(FileMark("hello world!", Seq(11))))
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and not loaded.rows and self.text(loaded) == "hello world!"

    async def test_compaction_keeps_what_the_file_holds_within_reach(self, log: UpdateLog) -> None:
        base, *updates = typed(*"hello world!", "\b", "\b")
        history = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, history, *updates)
        marks = Fingerprints(FileMark("hello", Seq(4)), FileMark("hello world", Seq(10)))
        log.mark(DOCUMENT, history.epoch, marks)
        for _ in range(2):  # the second time there is nothing left to do
            await log.compact(DOCUMENT)
            loaded = await log.load(DOCUMENT)
            assert loaded is not None and loaded.file == marks and loaded.base_seq == 4
            assert [row.seq for row in loaded.rows] == [10, 13]
            for seq, content in ((4, "hello"), (10, "hello world"), (13, "llo world!")):
                assert self.text(loaded, Seq(seq)) == content
            assert [loaded.up_to(Seq(seq)) for seq in (3, 5, 11, 14)] == [None] * 4
        log.mark(DOCUMENT, history.epoch, Fingerprints(FileMark("llo world!", Seq(13))))
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and not loaded.rows and self.text(loaded) == "llo world!"

    async def test_what_the_file_never_held_since_is_one_row_over_the_first_base(self, log: UpdateLog) -> None:
        base, *updates = typed("file", *"typed", *(["\b"] * 9))
        history = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, history, *updates)
        await log.compact(DOCUMENT)
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and loaded.base == base and [row.seq for row in loaded.rows] == [14]
        assert self.text(loaded, Seq(0)) == "file" and self.text(loaded) == ""

    @pytest.mark.parametrize("mark", [Fingerprints(), FILE])
    async def test_compaction_keeps_what_waits(self, log: UpdateLog, mark: Fingerprints) -> None:
        """Rule 5."""
        base, missing, waiting, late = typed("a", "b", "c", "d")
        history = await log.begin(DOCUMENT, base, mark)
        await self.append(log, history, waiting)
        await log.compact(DOCUMENT)
        await self.append(log, history, late)
        await log.compact(DOCUMENT)
        await self.append(log, history, missing)
        assert self.text(await log.load(DOCUMENT)) == "abcd"

    async def test_compaction_of_nothing_is_harmless(self, log: UpdateLog) -> None:
        await log.compact(DOCUMENT)
        await log.begin(DOCUMENT, typed("a")[0], FILE)
        await log.compact(DOCUMENT)
        assert self.text(await log.load(DOCUMENT)) == "a"

    async def test_a_history_that_a_client_kept_is_begun_under_its_own_id(self, log: UpdateLog) -> None:
        assert not await log.knows(DOCUMENT)
        begun = await log.begin(DOCUMENT, typed("kept")[0], FILE, Epoch("the client's"))
        assert begun.epoch == "the client's" and await log.knows(DOCUMENT)
        assert await self.append(log, begun, typed("!")[0]) == [1]
        again = await log.begin(DOCUMENT, typed("once more")[0], FILE, Epoch("the client's"))
        loaded = await log.load(DOCUMENT)
        assert loaded == again and not loaded.rows

    async def test_what_is_restored_comes_before_the_rows_that_are_on_their_way(self, log: UpdateLog) -> None:
        from jupyter_live.engine.pycrdt import PycrdtEngine

        base, *updates = typed("a", "b", "c", "d")
        history = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, history, *updates[:2])
        elsewhere = await self.reopen(log)
        await elsewhere.set_aside(DOCUMENT)
        await elsewhere.close()
        seqs: list[Seq] = []
        log.append(Entry(DOCUMENT, history.epoch, updates[2], "", seqs.append))
        marks = Fingerprints(FileMark("abcd"))
        log.restore(DOCUMENT, history.epoch, PycrdtEngine().fold([base, *updates]), marks)
        await log.flush()
        loaded = await log.load(DOCUMENT)
        assert seqs == [3] and loaded is not None and loaded.epoch == history.epoch
        assert loaded.base_seq == 2 and loaded.seq == 3 and loaded.file == marks
        assert self.text(loaded) == "abcd"

    async def test_a_new_epoch_replaces_the_old(self, log: UpdateLog) -> None:
        old = await log.begin(DOCUMENT, typed("old")[0], FILE)
        await self.append(log, old, typed("row")[0])
        new = await log.begin(DOCUMENT, typed("new")[0], FILE)
        assert new.epoch != old.epoch
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and loaded.epoch == new.epoch and not loaded.rows and loaded.seq == 0

    async def test_a_history_goes_on_under_another_epoch(self, log: UpdateLog) -> None:
        base, *updates = typed("a", "b", "c")
        old = await log.begin(DOCUMENT, base, FILE)
        await self.append(log, old, updates[0])
        epoch = await log.rename(DOCUMENT)
        new = await log.load(DOCUMENT)
        assert new is not None and new.epoch == epoch != old.epoch and new.file == FILE
        lost: list[str] = []
        log.append(Entry(DOCUMENT, old.epoch, updates[1], "", lambda seq: None, lambda: lost.append("lost")))
        assert await self.append(log, new, updates[1]) == [2] and lost == ["lost"]
        assert self.text(await log.load(DOCUMENT)) == "abc" and self.text(await log.load(DOCUMENT), Seq(0)) == "a"

    async def test_what_a_history_was_under_its_last_epochs_is_kept(self, log: UpdateLog) -> None:
        base, *updates = typed("a", *"bcdefgh")
        epochs = [(await log.begin(DOCUMENT, base, FILE)).epoch]
        for update in updates:
            log.append(Entry(DOCUMENT, epochs[-1], update, "", lambda seq: None))
            await log.flush()
            epochs.append(await log.rename(DOCUMENT))
        former = [await log.former(DOCUMENT, epoch) for epoch in epochs]
        assert former[-1] is None, "it is the current one"
        assert former[0] is None, "it is too long ago"
        assert [read(whole) for whole in former if whole][-2:] == ["abcdefg", "abcdefgh"]
        assert await log.former(DocumentId("text:file:2"), epochs[-2]) is None

    async def test_what_is_remembered_of_another_epoch_adds_up(self, log: UpdateLog) -> None:
        await log.begin(DOCUMENT, typed("new")[0], FILE)
        other, (first, *updates) = Epoch("12345678-1234-1234-1234-123456789012"), typed(*"abc")
        assert await log.former(DOCUMENT, other) is None
        await log.remember(DOCUMENT, other, [first])
        await log.remember(DOCUMENT, other, updates)
        known = await log.former(DOCUMENT, other)
        assert known is not None and read(known) == "abc"
        assert self.text(await log.load(DOCUMENT)) == "new"

    async def test_what_is_set_aside_stays_readable(self, log: UpdateLog) -> None:
        old = await log.begin(DOCUMENT, typed("old")[0], FILE)
        await self.append(log, old, *typed(" row"))
        aside = DocumentId(await log.set_aside(DOCUMENT))
        assert await log.load(DOCUMENT) is None
        await log.begin(DOCUMENT, typed("new")[0], FILE)
        kept = await log.load(aside)
        assert kept is not None and kept.epoch == old.epoch and len(kept.rows) == 1
        assert self.text(await log.load(DOCUMENT)) == "new"

    async def test_marks_of_the_file_are_kept(self, log: UpdateLog) -> None:
        history = await log.begin(DOCUMENT, typed("a")[0], FILE)
        log.mark(DOCUMENT, history.epoch, Fingerprints(FileMark("before", Seq(0)), FileMark("after", Seq(0))))
        await log.flush()
        loaded = await log.load(DOCUMENT)
        assert loaded is not None and "before" in loaded.file and "after" in loaded.file
        assert "another" not in loaded.file

    async def test_forks_of_a_document_are_kept_and_bounded(self, log: UpdateLog) -> None:
        await log.begin(DOCUMENT, typed("a")[0], FILE)
        for fork in FORKS[:2]:
            begun = await log.begin_fork(fork, typed("a")[0], 2)
            assert await log.load(fork.document) == begun
        with pytest.raises(LiveError, match="too_many_forks"):
            await log.begin_fork(FORKS[2], typed("a")[0], 2)
        assert await log.load(FORKS[2].document) is None
        other = await self.reopen(log)
        assert await other.forks(DOCUMENT) == FORKS[:2] and await other.forks(FORKS[0].document) == []
        assert await other.fork(FORKS[1].id) == FORKS[1] and await other.fork(FORKS[2].id) is None

    async def test_what_a_fork_began_with_stays_apart_from_what_was_done_in_it(self, log: UpdateLog) -> None:
        base, *updates = typed("a", "b", "c")
        history = await log.begin_fork(FORKS[0], base, 20)
        for update in updates:
            log.append(Entry(FORKS[0].document, history.epoch, update, "someone", lambda seq: None))
        await log.compact(FORKS[0].document)
        loaded = await log.load(FORKS[0].document)
        assert loaded is not None and len(loaded.rows) == 1
        assert (self.text(loaded, Seq(0)), self.text(loaded)) == ("a", "abc")

    async def test_a_fork_that_ends_leaves_nothing(self, log: UpdateLog) -> None:
        for fork in FORKS[:2]:
            await log.begin_fork(fork, typed("a")[0], 20)
        lost: list[str] = []
        history = await log.load(FORKS[0].document)
        assert history is not None
        await log.end_fork(FORKS[0])
        entry = Entry(FORKS[0].document, history.epoch, b"late", "", lambda seq: None, lambda: lost.append("late"))
        log.append(entry)
        await log.flush()
        assert lost == ["late"] and await log.load(FORKS[0].document) is None
        assert await log.forks(DOCUMENT) == [FORKS[1]] and await log.fork(FORKS[0].id) is None
        await log.end_fork(FORKS[0])

    async def test_a_fork_begins_anew_with_what_was_done_in_it(self, log: UpdateLog) -> None:
        before = await log.begin_fork(FORKS[0], typed("a")[0], 20)
        base, update = typed("new", " and mine")
        moved = replace(FORKS[0], root_epoch=Epoch("another"))
        history = await log.move_fork(moved, base, [update])
        loaded = await log.load(FORKS[0].document)
        assert loaded == history and (self.text(loaded, Seq(0)), self.text(loaded)) == ("new", "new and mine")
        assert history.epoch != before.epoch and await log.fork(FORKS[0].id) == moved
        former = await log.former(FORKS[0].document, before.epoch)
        assert former is not None and read(former) == "a"
        await log.end_fork(moved)
        assert await log.former(FORKS[0].document, before.epoch) is None
