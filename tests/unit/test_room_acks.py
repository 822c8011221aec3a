"""What a room acknowledges, with a real replica, a file on disk, and a log that commits when it is told to."""

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live import protocol, work
from jupyter_live.access import Role
from jupyter_live.config import Config
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.files.bridge import FileBridge
from jupyter_live.files.contents import Contents
from jupyter_live.files.convert import Content
from jupyter_live.files.disk import FileState
from jupyter_live.files.rate import Rate
from jupyter_live.filing import Mark
from jupyter_live.ids import DocumentId, DocumentName, Epoch, Fork, Identity, Origin, Seq
from jupyter_live.log import Entry, Fingerprints, History, Row
from jupyter_live.log.moments import Moment, Moments, NewMoment
from jupyter_live.member import Acks, Member
from jupyter_live.outbox import Outbox
from jupyter_live.palette import Palette
from jupyter_live.room import Room
from jupyter_live.tail import Tail
from jupyter_live.tally import LinkTally
from jupyter_live.whole import Whole


class HeldLog:
    """A log whose rows are durable when `commit` is called, and not before."""

    def __init__(self) -> None:
        self.queue: list[Entry] = []
        self.durable: list[bytes] = []
        self.is_shared = False
        self.moments: Moments = NoMoments()
        self.health: LiveError | None = None
        self.on_health: Callable[[LiveError | None], None] = lambda error: None
        self.on_reset: Callable[[], None] = lambda: None

    async def load(self, document: DocumentId) -> History | None:
        return None

    async def after(self, document: DocumentId, epoch: Epoch, seq: Seq) -> list[Row] | None:
        return []

    async def tails(self, documents: Sequence[DocumentId]) -> dict[DocumentId, tuple[Epoch, Seq]]:
        return {}

    async def lock(self, document: DocumentId) -> bool:
        return True

    async def unlock(self, document: DocumentId) -> None: ...

    async def rename(self, document: DocumentId) -> Epoch:
        raise NotImplementedError

    async def former(self, document: DocumentId, epoch: Epoch) -> bytes | None:
        return None

    async def begin_fork(self, fork: Fork, base: bytes, limit: int) -> History:
        raise NotImplementedError

    async def move_fork(self, fork: Fork, base: bytes, updates: Sequence[bytes]) -> History:
        raise NotImplementedError

    async def fork(self, fork_id: str) -> Fork | None:
        return None

    async def forks(self, root: DocumentId) -> list[Fork]:
        return []

    async def end_fork(self, fork: Fork) -> None: ...

    async def set_aside(self, document: DocumentId) -> str:
        raise NotImplementedError

    async def begin(self, document: DocumentId, base: bytes, file: Fingerprints, epoch: Epoch | None = None) -> History:
        raise NotImplementedError

    async def knows(self, document: DocumentId) -> bool:
        return False

    def restore(self, document: DocumentId, epoch: Epoch, base: bytes, file: Fingerprints) -> None: ...

    def append(self, entry: Entry) -> None:
        self.queue.append(entry)

    def commit(self, rows: int = 1) -> None:
        for _ in range(rows):
            entry = self.queue.pop(0)
            self.durable.append(entry.update)
            entry.done(Seq(len(self.durable)))

    def mark(self, document: DocumentId, epoch: Epoch, file: Fingerprints) -> None: ...

    async def flush(self, *, patient: bool = False) -> None: ...

    async def remember(self, document: DocumentId, epoch: Epoch, updates: Sequence[bytes]) -> None: ...

    async def compact(self, document: DocumentId) -> None: ...

    async def close(self) -> None: ...


class NoMoments:
    """What is kept in the timeline is not looked at here."""

    async def of(self, document: DocumentId) -> list[Moment]:
        return []

    async def get(self, document: DocumentId, number: int) -> tuple[Moment, bytes] | None:
        return None

    async def add(self, document: DocumentId, moment: NewMoment) -> Moment | None:
        return None

    async def authors(self, document: DocumentId, epoch: Epoch, since: float, until: float) -> list[str]:
        return []


class NoRelay:
    """There are no other processes."""

    id = "alone"
    is_alone = True
    tally = LinkTally()

    def publish_row(self, epoch: Epoch, seq: Seq, update: bytes) -> None: ...

    def publish_awareness(self, payload: bytes) -> None: ...

    def publish_control(self, event: dict[str, Any]) -> None: ...

    async def close(self) -> None: ...


class OnePath:
    """Knows where the one file is."""

    def find(self, file_id: str) -> str | None:
        return "a.txt"

    def at(self, path: str) -> str | None:
        return "1"

    def claim(self, file_id: str, path: str) -> bool:
        return True

    def take(self, file_id: str, path: str) -> None: ...


class Remembering(AsyncLargeFileManager):
    """Knows what the file held when it was last written whole; who reads meanwhile finds part of it."""

    written = "one\n"

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        self.written = model["content"]
        return saved


@pytest.fixture
async def log() -> HeldLog:
    return HeldLog()


@pytest.fixture
async def disk(tmp_path: Path) -> Remembering:
    return Remembering(root_dir=str(tmp_path))


@pytest.fixture
async def room(tmp_path: Path, log: HeldLog, disk: Remembering) -> Room:
    (tmp_path / "a.txt").write_text("one\n")
    name, config = DocumentName("text", "file", "1"), Config(database=Path(), save_delay=600, save_delay_max=600)
    contents = Contents(disk, config.max_file_size)
    bridge: FileBridge[Mark] = FileBridge(name, OnePath(), contents, config, Rate(600))
    found = await bridge.load()
    engine = PycrdtEngine()
    replica = engine.replica()
    replica.apply(found.update, Origin.FILE)
    whole = Whole(replica, engine)
    room = Room(name, Epoch("epoch"), Tail(Seq(0)), whole, log, bridge, Palette(), lambda document, listener: NoRelay())
    room.opened("a.txt", bridge.file, Fingerprints(), bridge.content, unsaved=False)
    log.commit(len(log.queue))
    return room


def join(room: Room) -> Member:
    member = Member(Identity("ada"), Role.WRITER, Outbox(2**20), notices=True)
    room.join(member)
    return member


def accept(room: Room, update: bytes, member: Member) -> None:
    """Take an update in a turn of its own."""
    room.accept(update, member)
    room.turn.end()


def typed(text: str) -> bytes:
    """An update that brings `text`."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.get("source", type=pycrdt.Text).insert(0, text)
    return doc.get_update()


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


def frames(member: Member) -> list[bytes]:
    """The updates that a member has been told since the last call."""
    told = []
    while (frame := member.outbox.pop()) is not None:
        if frame[:2] == b"\x00\x02":
            told.append(protocol.read(frame).payload)
    return told


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


async def test_what_is_received_when_a_save_ends_is_not_in_the_file(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while its turn goes on, when the document does not show it yet."""
    ada, saved = join(room), room.saved

    def receive_first(mark: Mark, file: FileState, content: Content) -> None:
        room.accept(typed("b"), ada)
        saved(mark, file, content)

    accept(room, typed("a"), ada)
    with monkeypatch.context() as patch:
        patch.setattr(room, "saved", receive_first)
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


def content(update: bytes) -> str:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(update)
    return str(doc.get("source", type=pycrdt.Text))


def test_acknowledgements_never_go_back() -> None:
    acks = Acks()
    for _ in range(3):
        acks.receive()
    for count in (acks.log, acks.save):
        count(3)
        count(1)
    assert acks.frame() == protocol.raw({"type": "ack", "received": 3, "logged": 3, "saved": 3})


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
