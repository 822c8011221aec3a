"""One document in one process. Every update enters through `Room.accept`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from jupyter_live import protocol
from jupyter_live.access import can
from jupyter_live.engine import Replica
from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import FileBridge, FileState, Snapshot
from jupyter_live.ids import DocumentId, Epoch, Origin, Seq
from jupyter_live.log import Entry, Fingerprints, UpdateLog
from jupyter_live.member import Member, broadcast
from jupyter_live.palette import Palette
from jupyter_live.presence import Presence
from jupyter_live.relays import OpenRelay

Marks = Mapping[Member, int]
"""For each member, how many of its document frames a snapshot contains."""


VIEWER_LIMIT = 2**20  # bytes


class Room:
    """A document, its members, and what they are promised.

    1. A row is in the log only if this replica accepted it.
    2. `seq` has no holes per (document, epoch); the log assigns it, never a clock.
    3. An ack `logged` = n means: replaying the log gives a document that contains the first n frames of that socket.
    4. Bytes stored and relayed are bytes received, or a merge of them; never what an observer re-encodes.
    5. A row that waits for a dependency is kept verbatim until it integrates.
    6. A slow member is bounded: it gets one difference when it drains. It is never skipped, and slows nobody.
    7. A viewer may sync and show presence. A viewer's write is refused; a step 2 that brings nothing new is no write.
    8. No await between apply and fan-out. (No method of a room that takes an update is a coroutine.)
    9. A client of another epoch is never merged.
    10. Whatever the engine throws becomes a LiveError at its port.
    11. Replies to a step 1 go to the asker alone.
    12. Authorisation comes before every side effect. (The mount's duty; here: rule 7.)
    """

    def __init__(
        self,
        document: DocumentId,
        epoch: Epoch,
        replica: Replica,
        log: UpdateLog,
        bridge: FileBridge[Marks],
        palette: Palette,
        open_relay: OpenRelay,
    ) -> None:
        self.document = document
        self.epoch = epoch
        self.members: set[Member] = set()
        self.presence = Presence(self.members)
        self._replica = replica
        self._log = log
        self.bridge = bridge
        bridge.owner = self
        self._palette = palette
        self._relay = open_relay(document, self)
        self._written = ""
        self._path = ""
        self._told: dict[str, Any] = {}
        self.is_outdated = False
        self._file_error: LiveError | None = None
        self._log_error: LiveError | None = None
        self._on_the_way: deque[list[Callable[[], None]]] = deque()
        """For each row that is not durable yet, in order: what is to be done when it is."""

    @property
    def is_safe(self) -> bool:
        """Whether nothing would be lost if the room were gone from memory."""
        return self._log_error is None

    def opened(self, path: str, file: FileState, *, unsaved: bool) -> None:
        """Tell the document where its file is, and have it saved if the log knows more (`unsaved`) than the file."""
        self._written = file.fingerprint
        self._path = path
        self.put({"path": path, "dirty": False} | ({"hash": file.hash} if file.hash else {}))
        if unsaved:
            self.bridge.touch()

    # members

    def join(self, member: Member) -> None:
        """Let a member in, tell it who it is, and ask what it has."""
        identity = member.identity
        member.user = identity.as_user(self._palette.take(identity.username, identity.color))
        self.members.add(member)
        member.notify(
            {
                "type": "hello",
                "version": 1,
                "epoch": self.epoch,
                "role": member.role.value,
                "user": member.user,
            }
        )
        member.notify(self._state_notice())
        member.outbox.reply(protocol.step1(self._replica.state()))
        self.presence.welcome(member)

    def leave(self, member: Member) -> None:
        """Forget a member; harmless when it never joined."""
        if member in self.members:
            self.members.discard(member)
            self._palette.give_back(member.identity.username)
            if gone := self.presence.leave(member):
                self._relay.publish_awareness(gone)

    def answer(self, member: Member, state: bytes) -> None:
        """Answer a step 1: what `member`, which has `state`, lacks."""
        missing = self._replica.diff(state)
        member.known = self._replica.state()
        member.outbox.reply(protocol.step2(missing))

    def drained(self, member: Member) -> None:
        """Everything queued for a member has been sent: note it, or catch up what had to be dropped."""
        if member.outbox.behind:
            member.outbox.behind = False
            member.outbox.reply(protocol.update(self._replica.diff(member.known)))
            self.presence.welcome(member)
        member.known = self._replica.state()

    def hear(self, member: Member, payload: bytes) -> None:
        """Take a member's awareness."""
        if told := self.presence.update(member, payload):
            self._relay.publish_awareness(told)

    # updates

    def accept(self, update: bytes, member: Member) -> None:
        """Take a member's update: check, apply, fan out, log, relay, acknowledge.

        Raises LiveError `rejected_update` or `read_only`; nothing has happened then.
        """
        if not can(member.role, "write"):
            return self._refuse(update, member)
        changed = self._replica.apply(update, Origin.MEMBER)
        number = member.acks.receive()
        if not changed:
            return self._nothing_new(member, number)
        broadcast(self.members, protocol.update(update), but=member)
        self._record(update, member.identity.username, lambda: self._acknowledge_log(member, number))
        self.bridge.touch()
        self.tell_state()
        if self._log_error:  # else one acknowledgement a few ms later says it all
            member.acknowledge()

    def put(self, values: dict[str, Any]) -> None:
        """Write the server's own notes into the document's `state` map; no change of content, so no save."""
        if update := self._replica.put(values):
            broadcast(self.members, protocol.update(update))
            self._record(update, "")

    def _record(self, update: bytes, author: str, *done: Callable[[], None]) -> None:
        """Log an update and tell the other processes; then call `done`."""
        self._on_the_way.append([*done])

        def recorded(seq: Seq) -> None:
            self._relay.publish_update(self.epoch, seq, update)
            for call in self._on_the_way.popleft():
                call()

        self._log.append(Entry(self.document, self.epoch, update, author, recorded, self._lost))

    def _lost(self) -> None:
        self._on_the_way.popleft()
        self._outdate()

    def _outdate(self) -> None:
        """Another server has begun a new history of this document: this room is not one to write in any more."""
        self.is_outdated = True
        self.close(LiveError("unknown_session", f"{self.document} has another epoch than {self.epoch} by now"))

    def _nothing_new(self, member: Member, number: int) -> None:
        """The replica had all of a frame: it is as safe as the rows that are on their way, whoever sent those."""
        if self.bridge.is_current:
            member.acks.save(number)
        if self._on_the_way:
            self._on_the_way[-1].append(lambda: self._acknowledge_log(member, number))
        else:
            member.acks.log(number)
        member.acknowledge()

    def _acknowledge_log(self, member: Member, number: int) -> None:
        member.acks.log(number)
        member.acknowledge()

    def _refuse(self, update: bytes, member: Member) -> None:
        # What a viewer may send brings nothing and is small: a large frame is not even read.
        brings = len(update) > VIEWER_LIMIT or self._replica.brings(update)
        number = member.acks.receive()
        if not brings:
            return self._nothing_new(member, number)
        error = LiveError("read_only", f"{member.identity.username} tried to write {self.document}")
        if not member.notices:
            raise error
        member.notify({"type": "refused", **error.body()})

    # other processes (the room is its relay's listener)

    def on_update(self, epoch: Epoch, seq: Seq, update: bytes) -> None:
        """Take an update that another process has logged."""
        if epoch != self.epoch:
            return self._outdate()
        if self._replica.apply(update, Origin.RELAY):
            broadcast(self.members, protocol.update(update))

    def on_awareness(self, payload: bytes) -> None:
        self.presence.hear(payload)

    def on_control(self, event: dict[str, str]) -> None:
        """Take what another process tells about the file."""
        if "moved" in event:
            self._move(event["moved"], event["to"])

    # the file, and how it fares

    def snapshot(self) -> Snapshot[Marks]:
        """The document now, for the file."""
        return Snapshot(self._replica.snapshot(), {member: member.acks.received for member in self.members})

    async def writing(self, fingerprint: str) -> None:
        """Note durably what the file is about to hold, so that after a crash it is known as our own work."""
        self._log.mark(self.document, self.epoch, Fingerprints(self._written, fingerprint))
        with suppress(LiveError):  # a log that fails has been reported; the file matters all the more
            await self._log.flush()

    def saved(self, marks: Marks, file: FileState) -> None:
        """The file holds the snapshot of `marks`."""
        self._written = file.fingerprint
        self._log.mark(self.document, self.epoch, Fingerprints(file.fingerprint))
        self.put({"dirty": False} | ({"hash": file.hash} if file.hash else {}))
        self._file_error = None
        for member, number in marks.items():
            member.acks.save(number)
            member.acknowledge()
        self.tell_state()

    def moved(self, old: str, new: str) -> None:
        """`old`, which may be this file or a folder above it, is `new` now: clients would save under the old name."""
        if self._move(old, new):
            self._relay.publish_control({"moved": old, "to": new})

    def _move(self, old: str, new: str) -> bool:
        if self._path != old and not self._path.startswith(f"{old}/"):
            return False
        self._path = new + self._path[len(old) :]
        self.put({"path": self._path})
        return True

    def failed(self, error: LiveError) -> None:
        """The file could not be saved."""
        self._file_error = error
        self.tell_state()

    def log_health(self, error: LiveError | None) -> None:
        """The log cannot be written, or can again."""
        self._log_error = error
        self.tell_state()

    def tell_state(self) -> None:
        notice = self._state_notice()
        if notice != self._told:
            self._told = notice
            for member in self.members:
                member.notify(notice)

    def _state_notice(self) -> dict[str, Any]:
        error = self._file_error or self._log_error
        file = "failed" if self._file_error else "saved" if self.bridge.is_current else "unsaved"
        return {
            "type": "state",
            "file": file,
            "log": "failed" if self._log_error else "ok",
            "code": error.code if error else None,
            "message": error.kind.message if error else None,
        }

    def close(self, error: LiveError) -> None:
        """Close every member's socket with the code and reason of `error`."""
        for member in self.members:
            member.close(error)

    async def stop(self) -> None:
        """Leave the document's group. The members are gone and the file is saved."""
        await self.bridge.close()
        await self._relay.close()
