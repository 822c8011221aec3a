"""What of a document is in its file and in the log, and what its members are told about that."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jupyter_live.errors import ERRORS, LiveError
from jupyter_live.files.disk import FileState
from jupyter_live.ids import Seq
from jupyter_live.journal import Journal
from jupyter_live.log import FileMark, Fingerprints
from jupyter_live.member import Member
from jupyter_live.peers import Sign

UNSAVED_LIMIT = 10_000  # frames; what is beyond is told as saved when all is


@dataclass(slots=True)
class Mark:
    """What one snapshot for the file contains: rows up to `seq`, and so many document frames of each member."""

    number: int
    frames: dict[Member, int]
    seq: Seq = Seq(0)
    also: tuple[Seq, ...] = ()
    """And these rows, in between of which others have written some."""
    changes: int = 0
    """So many of those that `Writers` counts."""

    def place(self, seq: Seq, also: tuple[Seq, ...]) -> None:
        self.seq, self.also = seq, also

    def of(self, fingerprint: str) -> FileMark:
        return FileMark(fingerprint, self.seq, self.also)


class Filing:
    """Keeps account of one room's saves.

    `put` writes into the document's state map, `is_current` asks whether the file has everything, `changed` hears when
    other processes should be told.
    """

    def __init__(
        self,
        members: set[Member],
        journal: Journal,
        put: Callable[[dict[str, Any]], None],
        is_current: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._members = members
        self._journal = journal
        self._put = put
        self.is_current = is_current
        self._changed = changed
        self._number = 0
        self._written = FileMark()
        self._merged = ""
        self._lacking = "unsaved"
        self._told: dict[str, Any] = {}
        self._file_error: LiveError | None = None
        self._log_error: LiveError | None = None
        self._link_error: LiveError | None = None
        self._unsaved: deque[tuple[Seq, Member, int]] | None = None
        """Of members' frames that are logged and not known to be in the file, elsewhere: row, member, number."""

    @property
    def is_logged(self) -> bool:
        """Whether the log takes what it is given."""
        return self._log_error is None or not self.is_lasting

    @property
    def is_lasting(self) -> bool:
        """Whether the log is where the next server will look for it."""
        return self._log_error is None or self._log_error.code != "log_temporary"

    def opened(self, file: FileState, known: Fingerprints) -> None:
        """The file holds `file`; `known` is what the log knows of it."""
        self._written, self._merged = known.written, known.merged
        self._put({"dirty": False} | ({"hash": file.hash} if file.hash else {}))

    def logged(self, member: Member, number: int) -> None:
        """The log has what frame `number` of a member has brought."""
        if self.is_lasting:
            member.acks.log(number)
        if self._unsaved is not None:
            self._unsaved.append((self._journal.tail.last, member, number))
        member.acknowledge_soon()

    def without_file(self) -> None:
        """There is no file, by design: it is told so instead of what it lacks."""
        self._lacking = "none"

    def elsewhere(self) -> None:
        """From now on another process has the file; nobody has told yet how that fares."""
        self._unsaved = deque(maxlen=UNSAVED_LIMIT)

    def told(self, sign: Sign | None) -> None:
        """Whoever has the file tells how that fares; None when there is nobody."""
        if sign is None:
            self._file_error = LiveError("file_behind")
        else:
            code = sign.notice.get("code") if sign.notice.get("file") == "failed" else None
            self._file_error = LiveError(code) if code in ERRORS else None
            self._covered(sign.covers)
        self.tell()

    def _covered(self, seq: Seq) -> None:
        members = set()
        while self._unsaved and self._unsaved[0][0] <= seq:
            _, member, number = self._unsaved.popleft()
            member.acks.save(number)
            members.add(member)
        for member in members & self._members:
            member.acknowledge()
        if members and self.is_current():
            for member in self._members:
                if not member.outbox.behind:
                    self.greet(member)

    @property
    def covers(self) -> Seq:
        """The file has all that rows up to this one have brought."""
        return self._journal.tail.seq if self.is_current() else self._written.seq

    def snapshot(self) -> Mark:
        """Number a snapshot that is taken now, and mark its place in what every member hears."""
        self._number += 1
        mark = Mark(self._number, {member: member.acks.received for member in self._members})
        self._journal.when_known(mark.place)
        for member in self._members:
            if not member.outbox.behind:  # else the snapshot has what this member has not been sent
                self._notify_saving(member)
        return mark

    def greet(self, member: Member) -> None:
        """A member has just been told all of the document: tell it if that is what the file holds."""
        if self.is_current():
            self._number += 1
            self._notify_saving(member)
            member.notify({"type": "saved", "save": self._number})

    async def writing(self, mark: Mark, fingerprint: str, *, patient: bool) -> None:
        """Note durably what the file is about to hold, so that after a crash it is known as our own work.

        Two commits of its own for each save were a seventh of what 200 documents cost; who is `patient` shares them.
        """
        with suppress(LiveError):  # a log that fails has been reported; the file matters all the more
            await self._journal.flush(patient=patient)  # only then is the snapshot's place in the log known
            self._journal.mark(Fingerprints(self._written, mark.of(fingerprint), self._merged))
            await self._journal.flush(patient=patient)

    def not_written(self) -> None:
        """The file does not hold what it was about to: after a crash, what it held before is the base of a merge."""
        self._journal.mark(self.marks)

    def taken_in(self, fingerprint: str) -> None:
        """The document has all of a content that somebody else has put into the file."""
        self._merged = fingerprint
        self._journal.mark(self.marks)  # with the rows that brought it: merged twice, what was deleted since comes back

    def saved(self, mark: Mark, file: FileState) -> None:
        """The file holds the snapshot of `mark`."""
        self._hold(mark.of(file.fingerprint))
        self._put({"dirty": False} | ({"hash": file.hash} if file.hash else {}))
        self._file_error = None
        for member in self._members:
            # Frames that came during the save and brought nothing new are in the file too.
            member.acks.save(member.acks.received if self.is_current() else mark.frames.get(member, 0))
            member.acknowledge()
            member.notify({"type": "saved", "save": mark.number})
        self.tell()
        self._changed()

    @property
    def marks(self) -> Fingerprints:
        """What the log should know of the file."""
        return Fingerprints(self._written, merged=self._merged)

    def _hold(self, written: FileMark) -> None:
        self._written, self._merged = written, ""
        self._journal.mark(self.marks)

    def settle(self, file: FileState) -> None:
        """Note that `file` has all that is durable now, if so: rows since the save were the server's own notes."""
        if self.is_current():
            self._hold(FileMark(file.fingerprint, self._journal.tail.seq))

    def failed(self, error: LiveError) -> None:
        """The file could not be saved, or is gone or broken."""
        self._file_error = error
        self.tell()

    def log_health(self, error: LiveError | None) -> None:
        """The log cannot be written, or can again."""
        self._log_error = error
        if error:
            for member in self._members:  # what they have been waiting to hear until it is logged
                member.acknowledge()
        self.tell()

    def link_health(self, error: LiveError | None) -> None:
        """Other processes cannot be told anything now, or can again."""
        self._link_error = error
        self.tell()

    def tell(self) -> None:
        """Tell the members how the document fares, if that has changed."""
        notice = self.notice()
        if notice != self._told:
            self._told = notice
            self._changed()
            for member in self._members:
                member.notify(notice)

    def notice(self) -> dict[str, Any]:
        """How the document fares."""
        error = self._file_error or self._log_error or self._link_error
        file = "failed" if self._file_error else "saved" if self.is_current() else self._lacking
        return {
            "type": "state",
            "file": file,
            "log": "failed" if self._log_error else "ok",
            "code": error.code if error else None,
            "message": error.kind.message if error else None,
        }

    def _notify_saving(self, member: Member) -> None:
        member.notify({"type": "saving", "save": self._number, "received": member.acks.received})
