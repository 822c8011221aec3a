"""What a room acknowledges, with a real replica, a file on disk, and a log that commits when it is told to."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_live import protocol, work
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.files import convert
from jupyter_live.files.convert import Content
from jupyter_live.files.disk import FileState
from jupyter_live.filing import Mark
from jupyter_live.ids import Origin
from jupyter_live.member import Acks, Member
from jupyter_live.room import Room
from room.making import (
    HeldLog,
    Remembering,
    accept,
    content,
    join,
    typed,
)


async def test_the_same_change_on_a_second_socket_is_logged_when_it_is_in_the_log(room: Room, log: HeldLog) -> None:
    """Rule 3. Whoever reconnects sends again what the first socket has sent: known to the replica is not safe yet."""
    first, second = join(room), join(room)
    update = typed("x")
    accept(room, update, first)
    room.leave(first)
    accept(room, update, second)
    assert second.acks.received == 1 and second.acks.logged == 0, "nothing is in the log yet"
    log.commit()
    assert second.acks.logged == 1


async def test_what_brings_nothing_waits_for_all_that_came_before_it(room: Room, log: HeldLog) -> None:
    ada, grace = join(room), join(room)
    hers, his = typed("x"), typed("y")
    accept(room, hers, ada)
    accept(room, his, grace)
    accept(room, his, ada)  # nothing new: it stands in the log only when grace's row does
    log.commit()
    assert ada.acks.logged == 1 and grace.acks.logged == 0
    log.commit()
    assert ada.acks.logged == 2 and grace.acks.logged == 1


async def test_with_nothing_on_the_way_all_is_logged_at_once(room: Room, log: HeldLog) -> None:
    ada = join(room)
    update = typed("x")
    accept(room, update, ada)
    log.commit()
    for number in range(2, 5):
        accept(room, update, ada)
        assert ada.acks.logged == number


async def test_saved_means_that_the_file_has_it_whoever_sent_it(room: Room, log: HeldLog, tmp_path: Path) -> None:
    first, second = join(room), join(room)
    update = typed("x")
    accept(room, update, first)
    accept(room, update, second)
    assert first.acks.saved == second.acks.saved == 0
    await room.bridge.save()
    assert "x" in (tmp_path / "a.txt").read_text()
    assert first.acks.saved == second.acks.saved == 1
    accept(room, update, second)
    assert second.acks.saved == 2
    await room.stop()


async def test_what_is_received_when_a_save_ends_is_not_in_the_file(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while its turn goes on, when the document does not show it yet."""
    ada, saved = join(room), room.keeper.saved

    def receive_first(mark: Mark, file: FileState, content: Content) -> None:
        room.accept(typed("b"), ada)
        saved(mark, file, content)

    accept(room, typed("a"), ada)
    with monkeypatch.context() as patch:
        patch.setattr(room.keeper, "saved", receive_first)
        await room.bridge.save()
    assert (ada.acks.received, ada.acks.saved) == (2, 1)
    await room.bridge.save()
    assert ada.acks.saved == 2
    await room.stop()


async def test_a_merge_knows_what_came_while_it_was_worked_out(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a turn that has not ended: a merge that moves a cell would take what was typed into it away with it."""
    ada, origins, is_typing = join(room), [], False

    async def work_out(size: int, work: Callable[..., Any], *arguments: Any) -> Any:
        done = work(*arguments)
        if is_typing:
            room.accept(typed("typed meanwhile"), ada)
        return done

    monkeypatch.setattr(work, "run", work_out)
    monkeypatch.setattr(room.merging, "_add", lambda update, origin, author: origins.append(origin))
    base, changed = (convert.to_update("file", text)[1] for text in ("one\n", "one\ntwo\n"))
    await room.merging.merge(base, changed, Origin.FILE)
    is_typing = True
    await room.merging.merge(base, changed, Origin.FILE)
    assert origins == [Origin.FILE, Origin.MEMBER]


@pytest.mark.parametrize("seed", range(12))
async def test_no_interleaving_runs_ahead_and_quiet_brings_all(
    room: Room, log: HeldLog, disk: Remembering, seed: int
) -> None:
    """Frames that are new and frames that are not, rows that become durable, and saves that begin and end anywhere."""
    chance = random.Random(seed)
    members = [join(room) for _ in range(3)]
    frames: dict[Member, list[bytes]] = {member: [] for member in members}
    updates: list[bytes] = []
    saves: list[asyncio.Task[object]] = []

    def check() -> None:
        durable = PycrdtEngine().replica()
        for row in log.durable:
            durable.apply(row, Origin.LOG)
        for member, sent in frames.items():
            acks = member.acks
            assert acks.received == len(sent), f"seed {seed}"
            assert not any(durable.brings(update) for update in sent[: acks.logged]), f"seed {seed}: logged runs ahead"
            assert all(content(update) in disk.written for update in sent[: acks.saved]), (
                f"seed {seed}: saved runs ahead"
            )

    for _ in range(80):
        move = chance.choice(["new", "new", "known", "known", "end of turn", "commit", "save", "wait"])
        member = chance.choice(members)
        if move == "new":
            updates.append(typed(f"<{len(updates)}>"))
            frames[member].append(updates[-1])
            room.accept(updates[-1], member)
        elif move == "known" and updates:
            frames[member].append(chance.choice(updates))
            room.accept(frames[member][-1], member)
        elif move == "end of turn":
            room.turn.end()
        elif move == "commit" and log.queue:
            log.commit(chance.randint(1, len(log.queue)))
        elif move == "save":
            saves.append(asyncio.create_task(room.bridge.save()))
        elif move == "wait":
            await asyncio.sleep(chance.choice([0, 0.001, 0.005]))
        check()
    await asyncio.gather(*saves)
    await room.bridge.save()
    room.turn.end()
    log.commit(len(log.queue))
    check()
    for member, sent in frames.items():
        assert member.acks.frame() == protocol.ack(len(sent), len(sent), len(sent)), f"seed {seed}"
    await room.stop()


def test_acknowledgements_never_go_back() -> None:
    acks = Acks()
    for _ in range(3):
        acks.receive()
    for count in (acks.log, acks.save):
        count(3)
        count(1)
    assert acks.frame() == protocol.raw({"type": "ack", "received": 3, "logged": 3, "saved": 3})
