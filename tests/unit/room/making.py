"""A room whose log commits when a test says so, and what its members are told."""

from collections.abc import Callable, Sequence
from typing import Any

import pycrdt
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live import protocol
from jupyter_live.access import Role
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Fork, Identity, Seq
from jupyter_live.log import Entry, Fingerprints, History, Row
from jupyter_live.log.moments import Moment, Moments, NewMoment
from jupyter_live.member import Member
from jupyter_live.outbox import Outbox
from jupyter_live.room import Room
from jupyter_live.tally import LinkTally


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


def frames(member: Member) -> list[bytes]:
    """The updates that a member has been told since the last call."""
    told = []
    while (frame := member.outbox.pop()) is not None:
        if frame[:2] == b"\x00\x02":
            told.append(protocol.read(frame).payload)
    return told


def content(update: bytes) -> str:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(update)
    return str(doc.get("source", type=pycrdt.Text))
