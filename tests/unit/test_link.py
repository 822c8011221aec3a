"""What a room hears from other processes, sound or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
from waiting import until

from jupyter_live.errors import LiveError
from jupyter_live.following import AHEAD_LIMIT
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.link import Link, Linked
from jupyter_live.log import Row, UpdateLog
from jupyter_live.peers import Sign
from jupyter_live.presence import Presence
from jupyter_live.tail import Tail
from jupyter_live.tally import LinkTally

DOCUMENT, EPOCH = DocumentId("text:file:1"), Epoch("epoch")


class Room:
    """Writes down what it takes; an update `b"bad"` cannot be taken."""

    document, epoch = DOCUMENT, EPOCH

    def __init__(self) -> None:
        self.presence = Presence(set())
        self.taken: list[bytes] = []
        self.retired = self.outdated = 0
        self.news = 0
        self.calls: list[Callable[[], None]] = []

    def when_durable(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def take_row(self, update: bytes, is_one: bool) -> None:
        if update == b"bad":
            raise ValueError("no update")
        self.taken.append(update)

    def outdate(self) -> None:
        self.outdated += 1

    def retire(self) -> None:
        self.retired += 1

    def sign(self) -> Sign:
        return Sign()

    def peers_changed(self) -> None:
        self.news += 1


class Log:
    """Has the rows that it is given."""

    def __init__(self) -> None:
        self.rows: list[Row] | None = []
        self.fails = False
        self.locked: set[DocumentId] = set()
        self.epoch = EPOCH

    async def lock(self, document: DocumentId) -> bool:
        self.locked.add(document)
        return True

    async def unlock(self, document: DocumentId) -> None:
        self.locked.discard(document)

    async def flush(self) -> None:
        if self.fails:
            raise LiveError("log_failed")

    async def tails(self, documents: Sequence[DocumentId]) -> dict[DocumentId, tuple[Epoch, Seq]]:
        return {DOCUMENT: (self.epoch, Seq(0))}

    async def after(self, document: DocumentId, epoch: Epoch, seq: Seq) -> list[Row] | None:
        return None if self.rows is None else [row for row in self.rows if row.seq > seq]


@pytest.fixture
async def room() -> Room:
    return Room()


@pytest.fixture
async def log() -> Log:
    return Log()


@pytest.fixture
async def link(room: Room, log: Log) -> Link:
    relay = SimpleNamespace(is_alone=False, tally=LinkTally(), publish_control=lambda event: None, close=AsyncMock())
    return Link(cast(Linked, room), Tail(Seq(0)), cast(UpdateLog, log), lambda document, listener: cast(Any, relay))


async def test_rows_are_taken_once_in_the_order_of_the_log(link: Link, room: Room) -> None:
    link.on_rows(EPOCH, Seq(2), [b"1", b"2"])
    link.on_rows(EPOCH, Seq(2), [b"2"])
    link.on_rows(EPOCH, Seq(5), [b"4", b"5"])
    assert room.taken == [b"1", b"2"], "what comes after a gap may depend on what is lacking"
    link.on_rows(EPOCH, Seq(3), [b"3"])
    link.on_rows(EPOCH, Seq(4), [b"3", b"4"])
    assert room.taken == [b"1", b"2", b"3", b"4", b"5"]
    await asyncio.sleep(0.2)
    assert link.tally.gaps == 0, "the gap closed by itself"


async def test_rows_of_others_wait_for_a_row_of_our_own_that_is_on_its_way(room: Room, log: Log) -> None:
    tail, published = Tail(Seq(0)), list[Seq]()
    relay = SimpleNamespace(is_alone=False, publish_row=lambda epoch, seq, update: published.append(seq))
    link = Link(cast(Linked, room), tail, cast(UpdateLog, log), lambda document, listener: cast(Any, relay))
    link.on_rows(EPOCH, Seq(3), [b"2", b"3"])
    assert room.taken == []
    tail.add(Seq(1))  # the journal does
    link.publish_row(EPOCH, Seq(1), b"own")
    assert published == [1] and room.taken == [b"2", b"3"]


async def test_no_more_rows_are_held_than_a_few_and_the_log_has_the_others(link: Link, room: Room, log: Log) -> None:
    log.rows = [Row(Seq(n), b"%d" % n) for n in range(1, 2 * AHEAD_LIMIT)]
    for row in log.rows[1:]:
        link.on_rows(EPOCH, row.seq, [row.data])
    assert len(link._following._ahead) == AHEAD_LIMIT
    await until(lambda: room.taken == [row.data for row in log.rows or ()])
    assert not link._following._ahead


async def test_a_row_that_does_not_come_is_read(link: Link, room: Room, log: Log) -> None:
    log.rows = [Row(Seq(n), b"%d" % n) for n in (1, 2, 3)]
    link.on_rows(EPOCH, Seq(1), [b"1"])
    link.on_rows(EPOCH, Seq(3), [b"3"])
    await until(lambda: room.taken == [b"1", b"2", b"3"])
    link.on_rows(EPOCH, Seq(5), [])
    log.rows += [Row(Seq(4), b"4"), Row(Seq(5), b"5")]
    await until(lambda: room.taken[3:] == [b"4", b"5"])


async def test_a_row_that_stands_for_many_is_taken(link: Link, room: Room, log: Log) -> None:
    log.rows = [Row(Seq(7), b"all up to 7")]
    link.told(EPOCH, Seq(7))
    await until(lambda: room.taken == [b"all up to 7"])
    link.on_rows(EPOCH, Seq(8), [b"8"])
    assert room.taken[1:] == [b"8"]


async def test_another_history_outdates_the_room(link: Link, room: Room, log: Log) -> None:
    link.on_rows(Epoch("another"), Seq(9), [b"9"])
    await asyncio.sleep(0.3)
    assert not room.taken and not room.outdated, "the other process is the one that has missed it"
    log.rows = None
    link.on_rows(Epoch("another"), Seq(9), [b"9"])
    await until(lambda: room.outdated)


async def test_a_row_that_cannot_be_taken_has_the_document_opened_anew(link: Link, room: Room) -> None:
    link.on_rows(EPOCH, Seq(1), [b"bad"])
    assert room.retired == 1


async def test_so_has_one_that_is_read_from_the_log(link: Link, room: Room, log: Log) -> None:
    log.rows = [Row(Seq(1), b"bad")]
    link.told(EPOCH, Seq(1))
    await until(lambda: room.retired == 1)


async def test_so_has_one_that_waited_for_a_row_of_our_own(room: Room, log: Log) -> None:
    """And nothing of that reaches the journal, which has acknowledgements to give."""
    tail = Tail(Seq(0))
    relay = SimpleNamespace(is_alone=False, publish_row=lambda epoch, seq, update: None)
    link = Link(cast(Linked, room), tail, cast(UpdateLog, log), lambda document, listener: cast(Any, relay))
    link.on_rows(EPOCH, Seq(2), [b"bad"])
    tail.add(Seq(1))
    link.publish_row(EPOCH, Seq(1), b"own")
    assert room.retired == 1
    await link._following.close()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"unheard of": 1},
        {"alive": {"members": 1, "of a later version": True}},
        {"alive": "nonsense"},
        {"saved": 1},
        {"save": None},
        {"moved": "a"},
    ],
)
async def test_what_is_not_understood_does_not_end_the_link(link: Link, room: Room, event: dict[str, Any]) -> None:
    link.on_control("peer", event)
    link.on_awareness("peer", b"\xff\xff")
    link.on_control("peer", {"alive": {"members": 3}})
    assert link.peers.members == 3 and room.news


async def test_nobody_waits_for_rows_of_a_history_that_is_no_more(link: Link, log: Log) -> None:
    """Who waits may hold the lock of the document."""
    waiting = asyncio.ensure_future(link._following.reached(Seq(3)))
    log.rows = None
    with pytest.raises(LiveError, match="unknown_session"):
        await asyncio.wait_for(waiting, 5)


async def test_nobody_waits_longer_than_the_link_lasts(link: Link) -> None:
    waiting = asyncio.ensure_future(link._following.reached(Seq(3)))
    await asyncio.sleep(0)
    await link._following.close()
    with pytest.raises(LiveError):
        await asyncio.wait_for(waiting, 5)


async def test_nobody_is_alone_while_the_log_fails(link: Link, room: Room, log: Log) -> None:
    """What would be done then is not logged before others do it too."""
    log.fails = True
    with pytest.raises(LiveError, match="log_failed"):
        async with link.alone():
            pytest.fail("others may do the same")
    assert len(room.calls) == 1, "the lock is given back"


async def test_nobody_is_alone_with_a_history_that_is_no_more(link: Link, room: Room, log: Log) -> None:
    """What others have logged of it cannot be read any more, so that it would be done again."""
    log.epoch = Epoch("another")
    with pytest.raises(LiveError, match="unknown_session"):
        async with link.alone():
            pytest.fail("others may have done the same")
    assert room.outdated == 1
    await until(lambda: log.locked == set())  # though nothing that waits to be logged ever will be


async def test_others_wait_until_what_was_done_alone_is_durable(link: Link, room: Room, log: Log) -> None:
    """It may be held back with what another task has still to do."""
    async with link.alone():
        assert log.locked == {DOCUMENT}
    assert log.locked == {DOCUMENT}
    room.calls.pop()()
    await until(lambda: log.locked == set())
    async with link.alone():
        pass
    await link.close()
    assert log.locked == set(), "whatever is not logged by then ends with this process"
    room.calls.pop()()
