"""How a process fares, gathered when somebody asks: nothing is done for it while people type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from jupyter_live.errors import ERRORS, LiveError
from jupyter_live.log.writer import Backlog
from jupyter_live.member import Member
from jupyter_live.room import Room
from jupyter_live.rooms import Rooms
from jupyter_live.tally import Tally


class Log(Protocol):
    """The log, as far as it matters here."""

    health: LiveError | None

    @property
    def backlog(self) -> Backlog:
        """What waits to become durable."""


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """One document that is open here. `others` are people in other processes, `code` is its trouble, if it has one."""

    id: str
    path: str
    people: int
    others: int
    file: str
    """`here`, `elsewhere` (in another process), `behind` (in none, and lacks what the log has), or `none`: a fork."""
    code: str | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Numbers of one moment."""

    documents: list[OpenDocument]
    roles: Counter[str]
    """Sockets on documents by role."""
    lobby: int
    """Sockets of people who are online, whatever they have open."""
    behind: int
    """Members for whom changes had to be dropped; they get one difference when they have read what waits."""
    outbox_bytes: int
    outbox_max: int
    """Bytes that wait for the slowest member."""
    backlog: Backlog
    log_code: str | None
    is_linked: bool
    """Whether every link to other processes works; also where there are none."""
    tally: Tally

    @property
    def files(self) -> Counter[str]:
        """Documents by where their file is."""
        return Counter(document.file for document in self.documents)

    @property
    def codes(self) -> Counter[str]:
        """Documents by their trouble."""
        return Counter(document.code for document in self.documents if document.code)

    @property
    def troubles(self) -> list[str]:
        """Codes of all that is wrong on this side: not that a file was deleted, say."""
        mine = {code for code in self.codes if ERRORS[code].status >= 500}
        mine |= set() if self.is_linked else {"layer_failed"}
        mine |= {self.log_code} if self.log_code else set()
        return sorted(mine)


def survey(rooms: Rooms, update_log: Log) -> Survey:
    """Look at all that is open; to be called on the event loop."""
    all_rooms = rooms.all()
    members = [member for room in all_rooms for member in room.members]
    sizes = [member.outbox.size for member in [*members, *rooms.lobby.members]]
    return Survey(
        documents=[_document(room) for room in all_rooms],
        roles=_roles(members),
        lobby=len(rooms.lobby.members),
        behind=sum(member.outbox.behind for member in members),
        outbox_bytes=sum(sizes),
        outbox_max=max(sizes, default=0),
        backlog=update_log.backlog,
        log_code=update_log.health.code if update_log.health else None,
        is_linked=rooms.lobby.link.is_up and all(room.link.is_up for room in all_rooms),
        tally=rooms.tally,
    )


def _document(room: Room) -> OpenDocument:
    code = room.filing.notice()["code"]
    file = "here" if room.bridge.has_file else "behind" if code == "file_behind" else "elsewhere"
    file = "none" if room.name.is_fork else file
    return OpenDocument(room.document, room.path, room.sockets, room.link.peers.members, file, code)


def _roles(members: Iterable[Member]) -> Counter[str]:
    return Counter(member.role.value for member in members)
