"""What members send within one turn of the event loop is applied, told and logged together."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import Outcome
from jupyter_live.ids import Identity, Origin
from jupyter_live.log import Entry
from jupyter_live.member import Member
from jupyter_live.room import Room
from room.making import (
    HeldLog,
    accept,
    content,
    frames,
    join,
    typed,
)


def begin_turn(room: Room, log: HeldLog, member: Member) -> None:
    """What comes now comes together: somebody has just typed."""
    room.accept(typed("-"), member)
    log.commit(1)


async def test_what_comes_after_a_quiet_time_is_told_in_the_call(room: Room, log: HeldLog) -> None:
    ada, reader = join(room), join(room)
    frames(ada), frames(reader)
    room.accept(typed("a"), ada)
    assert [content(told) for told in frames(reader)] == ["a"] and len(log.queue) == 1
    room.accept(typed("b"), ada)
    assert frames(reader) == [] and len(log.queue) == 1, "others may type in this turn"
    room.turn.end()
    assert [content(told) for told in frames(reader)] == ["b"] and len(log.queue) == 2


async def test_what_comes_in_one_turn_is_told_as_one_and_logged_by_author(room: Room, log: HeldLog) -> None:
    ada, grace, reader = join(room), join(room), join(room)
    grace.identity = Identity("grace")
    begin_turn(room, log, reader)
    for member in (ada, grace, reader):
        frames(member)
    hers, his = [typed("a"), typed("b")], [typed("c")]
    for update, member in ((hers[0], ada), (his[0], grace), (hers[1], ada)):
        room.accept(update, member)
    assert frames(reader) == [] and log.queue == [], "the turn goes on"
    await asyncio.sleep(0.02)
    for member in (ada, grace, reader):
        (told,) = frames(member)
        assert sorted(content(told)) == ["a", "b", "c"]
    assert [(entry.author, sorted(content(entry.update))) for entry in log.queue] == [
        ("ada", ["a", "b"]),
        ("grace", ["c"]),
    ]
    log.commit(2)
    assert (ada.acks.logged, grace.acks.logged) == (2, 1)


async def test_who_is_alone_in_a_turn_is_not_told(room: Room, log: HeldLog) -> None:
    ada, reader = join(room), join(room)
    begin_turn(room, log, reader)
    frames(ada), frames(reader)
    updates = [typed("a"), typed("b")]
    for update in updates:
        room.accept(update, ada)
    room.turn.end()
    (told,) = frames(reader)
    assert sorted(content(told)) == ["a", "b"] and frames(ada) == []


async def test_one_whom_the_engine_refuses_after_all_takes_nobody_along(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when what the others sent was integrated before the engine gave up."""
    ada, mallory, reader = join(room), join(room), join(room)
    frames(reader)
    replica, (good, bad, better) = room.whole.replica, map(typed, "abc")
    apply = replica.apply

    def give_up(updates: Sequence[bytes]) -> tuple[bytes, bool]:
        apply(good, Origin.MEMBER)
        raise LiveError("rejected_update")

    def refuse(update: bytes, origin: Origin) -> bool:
        if update == bad:
            raise LiveError("rejected_update")
        return apply(update, origin)

    monkeypatch.setattr(replica, "apply_together", give_up)
    monkeypatch.setattr(replica, "apply", refuse)
    for update, member in ((good, ada), (bad, mallory), (better, ada)):
        room.accept(update, member)
    room.turn.end()
    assert mallory.closing is not None and ada.closing is None
    assert frames(reader) == [entry.update for entry in log.queue] == [good, better]
    log.commit(2)
    assert (ada.acks.logged, mallory.acks.logged) == (2, 0)


async def test_a_turn_that_breaks_sends_everyone_away_from_what_nobody_was_told(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine has it, the others and the log do not: this replica is not one to go on with."""
    ada, bob = join(room), join(room)

    def full(entry: Entry) -> None:
        raise MemoryError

    monkeypatch.setattr(log, "append", full)
    accept(room, typed("x"), ada)
    assert [member.closing and member.closing.code for member in (ada, bob)] == ["server_error"] * 2
    assert room.is_outdated and ada.acks.logged == 0


async def test_who_asks_for_a_save_in_the_turn_has_what_was_typed_in_it_saved(
    room: Room, log: HeldLog, tmp_path: Path
) -> None:
    ada = join(room)
    begin_turn(room, log, ada)
    await room.save()
    room.turn._pace._rested += 1000.0  # telling everybody of the turn before took long
    room.accept(typed("a"), ada)
    assert await room.save(insist=True) == (Outcome.SAVED, None)
    assert "a" in (tmp_path / "a.txt").read_text()
    await room.stop()
