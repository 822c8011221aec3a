"""The outbox of one member: order, the limit, what is dropped and what never is."""

import asyncio

import pytest

from jupyter_live.outbox import Outbox


def drain(outbox: Outbox) -> list[bytes]:
    frames = []
    while (frame := outbox.pop()) is not None:
        frames.append(frame)
    return frames


def test_frames_leave_in_the_order_they_came() -> None:
    outbox = Outbox(100)
    outbox.reply(b"1")
    outbox.broadcast(b"2")
    outbox.reply(b"3")
    assert outbox.size == 3
    assert drain(outbox) == [b"1", b"2", b"3"]
    assert outbox.size == 0 and not outbox.behind


def test_over_the_limit_all_broadcasts_go_and_replies_stay() -> None:
    outbox = Outbox(10)
    outbox.broadcast(b"aaaa")
    outbox.reply(b"r1")
    outbox.broadcast(b"bb")
    outbox.reply(b"r2")
    outbox.broadcast(b"c")
    assert outbox.behind and outbox.size == 4
    assert drain(outbox) == [b"r1", b"r2"]


def test_at_the_limit_nothing_is_dropped() -> None:
    outbox = Outbox(4)
    outbox.broadcast(b"aa")
    outbox.broadcast(b"bb")
    assert not outbox.behind and drain(outbox) == [b"aa", b"bb"]


def test_who_is_behind_gets_no_broadcasts_but_replies() -> None:
    outbox = Outbox(1)
    outbox.broadcast(b"a")
    outbox.broadcast(b"b")
    assert outbox.behind
    for _ in range(1000):
        outbox.broadcast(b"more")
    assert outbox.size == 0
    outbox.reply(b"difference")
    assert drain(outbox) == [b"difference"]


def test_one_frame_larger_than_the_limit_is_sent_by_itself() -> None:
    """Else a large paste could reach nobody."""
    outbox = Outbox(10)
    outbox.broadcast(b"x" * 100)
    assert not outbox.behind and drain(outbox) == [b"x" * 100]


def test_after_the_catch_up_broadcasts_come_again() -> None:
    outbox = Outbox(1)
    outbox.broadcast(b"a")
    outbox.broadcast(b"b")
    drain(outbox)
    outbox.behind = False
    outbox.broadcast(b"c")
    assert drain(outbox) == [b"c"]


async def test_there_is_room_again_when_what_is_queued_is_within_the_limit() -> None:
    outbox = Outbox(4)
    outbox.reply(b"aaaa")
    await asyncio.wait_for(outbox.room(), 5)
    outbox.reply(b"bbbb")
    outbox.reply(b"cccc")
    waiting = asyncio.create_task(outbox.room())
    for _ in range(2):
        await asyncio.sleep(0.01)
        assert not waiting.done()
        outbox.pop()
    await asyncio.wait_for(waiting, 5)


async def test_dropping_makes_room() -> None:
    outbox = Outbox(4)
    outbox.broadcast(b"larger than the limit")
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    outbox.broadcast(b"b")
    await asyncio.wait_for(waiting, 5)


async def is_woken(outbox: Outbox) -> bool:
    try:
        await asyncio.wait_for(outbox.wait(), 0.01)
    except asyncio.TimeoutError:
        return False
    return True


@pytest.mark.parametrize("what", ["reply", "broadcast", "drop", "wake"])
async def test_the_writer_is_woken_once_for_whatever_happens(what: str) -> None:
    outbox = Outbox(4)
    outbox.broadcast(b"aaaa")
    assert await is_woken(outbox)
    assert not await is_woken(outbox)
    if what == "wake":
        outbox.wake()
    elif what == "drop":
        outbox.broadcast(b"b")
        assert outbox.behind
    else:
        drain(outbox)
        getattr(outbox, what)(b"b")
    assert await is_woken(outbox)
    assert not await is_woken(outbox)
