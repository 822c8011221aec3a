"""One document in one process. Every update enters through `Room.accept` or `Room.add`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from jupyter_live import protocol
from jupyter_live.elsewhere import FileElsewhere
from jupyter_live.errors import LiveError
from jupyter_live.filekeeper import Bridge, FileKeeper
from jupyter_live.files.bridge import Outcome
from jupyter_live.files.convert import Content
from jupyter_live.files.disk import FileState
from jupyter_live.filing import Filing
from jupyter_live.handins import HandIns
from jupyter_live.ids import DocumentName, Epoch, Origin
from jupyter_live.intake import Intake
from jupyter_live.journal import Journal
from jupyter_live.link import Link
from jupyter_live.listening import Happening, Listen, What
from jupyter_live.log import Fingerprints, UpdateLog
from jupyter_live.log.moments import Author, Moment
from jupyter_live.member import Member, broadcast
from jupyter_live.merging import Merging
from jupyter_live.palette import Palette
from jupyter_live.peers import Sign
from jupyter_live.presence import Presence
from jupyter_live.relays import OpenRelay
from jupyter_live.tail import Tail
from jupyter_live.tally import Tally
from jupyter_live.timeline import Timeline, told
from jupyter_live.whole import Whole

log = logging.getLogger(__name__)

NO_STATE = b"\x00"
"""The state vector of an empty document."""


class Room:
    """A document, its members, and what they are promised.

    1. A row is in the log only if this replica accepted it.
    2. `seq` has no holes per (document, epoch); the log assigns it, never a clock.
    3. An ack `logged` = n means: replaying the log gives a document that contains the first n frames of that socket.
    4. Bytes stored and relayed are bytes received, or a merge of them; never what an observer re-encodes.
    5. A row that waits for a dependency is kept verbatim until it integrates.
    6. A slow member is bounded: it gets one difference when it drains. It is never skipped, and slows nobody.
    7. A viewer may sync and show presence. A viewer's write is refused; a step 2 that brings nothing new is no write.
    8. No await between apply and fan-out. (No method of a room that takes an update is a coroutine.) What members send
       within one turn of the event loop is applied and told as one; whoever looks at the document ends the turn first.
    9. A client of another epoch is never merged.
    10. Whatever the engine throws becomes a LiveError at its port.
    11. Replies to a step 1 go to the asker alone.
    12. Authorisation comes before every side effect. (The mount's duty; here: rule 7.)
    13. What other processes have logged enters through `take_row`, in the order of the log. Which rows are here, `Tail`
        knows; a row that is missing is read from the log, and those after it wait.
    """

    def __init__(
        self,
        name: DocumentName,
        epoch: Epoch,
        tail: Tail,
        whole: Whole,
        log: UpdateLog,
        bridge: Bridge,
        palette: Palette,
        open_relay: OpenRelay,
    ) -> None:
        self.document = name.id
        self.name = name
        self.epoch = epoch
        self.members: set[Member] = set()
        self.presence = Presence(self.members, lambda payload: self.link.publish_awareness(payload))
        self.is_outdated = False
        self.whole = whole
        self._replica = whole.replica
        self.bridge = bridge
        self._palette = palette
        self._log = log
        self.link = Link(self, tail, log, open_relay)
        self.shares: Epoch | None = None
        """Of a fork: the epoch of its document, whose history it goes on with."""
        self.listen: Listen = lambda happening: None
        self.mirrors: set[Callable[[bytes], None]] = set()
        """Forks that follow this document: they are given each update, once it is on its way into the log."""
        self.journal = Journal(self.document, epoch, tail, log, self.link.publish_row, self.outdate)
        self.journal.queued = self._mirror
        self.filing = Filing(
            self.members, self.journal, self.put, lambda: self.bridge.is_current, lambda: self._tell_peers()
        )
        self.hand_ins = HandIns(self.document, epoch, log, whole.fold)
        self._intake = Intake(
            name, whole.replica, self.members, self.journal, self.filing, self._apply, self._touched, self._give_up
        )
        self.turn = self._intake.turn
        self.merging = Merging(name, whole, self.members, self.add, self.turn.end)
        self.timeline = Timeline(
            self.document,
            epoch,
            log.moments,
            is_shared=log.is_shared,
            is_anyone=lambda: bool(self.members or self.link.peers.members),
            elsewhere=self._people_elsewhere,
            tell=self._tell_moment,
        )
        self.journal.wrote = self.timeline.writers.wrote
        self.keeper = bridge.owner = FileKeeper(
            name,
            whole,
            self.turn,
            self.journal,
            self.filing,
            self.timeline,
            self.merging,
            bridge,
            log,
            put=self.put,
            publish=self.link.publish_control,
            tell=self._tell,
        )
        self._caught_up = 0  # members that had been behind
        self._outdated = 0  # members that were sent away since there is a new history

    def opened(
        self, path: str, file: FileState, known: Fingerprints, content: Content, *, unsaved: bool, is_left: bool = False
    ) -> None:
        """Tell the document where its file is, and have it saved if the log knows more (`unsaved`) than the file.

        `content` is what the document is now; `is_left` by a server that died.
        """
        self.keeper.path = path
        self.timeline.opened(content, is_left=is_left)
        self.put({"path": path})
        self.filing.opened(file, known)
        if unsaved:
            self.bridge.touch()
        self.bridge.watch()
        if self._replica.is_doubled:
            self.merging.mend_soon()
        self.link.begin()

    def opened_without_file(self) -> None:
        """It has none, by design."""
        self.filing.without_file()
        if self._replica.is_doubled:
            self.merging.mend_soon()
        self.link.begin()

    def opened_elsewhere(self) -> None:
        """Another process has the file: what it tells of it counts here."""
        self.filing.elsewhere()
        self.link.begin()

    @property
    def path(self) -> str:
        """Where its file is, as its members know it."""
        return self.keeper.path

    @property
    def sockets(self) -> int:
        """How many of the members are people, as far as a server can tell: those with a socket."""
        return sum(not member.is_program for member in self.members)

    @property
    def tally(self) -> Tally:
        """What has happened to members and document so far."""
        return self.link.tally + Tally(slow=self._caught_up, epochs=self._outdated)

    # members

    def join(self, member: Member) -> None:
        """Let a member in, tell it who it is, and ask what it has."""
        self.filing.tell()  # else a change back to what the others know last would not be told to this member
        identity = member.identity
        elsewhere = None if self.link.is_alone else self.presence.colors_elsewhere()
        color = self._palette.take(identity.username, identity.color, elsewhere)
        member.user = identity.as_user(color)
        self.members.add(member)
        self.timeline.know(identity.username, identity.display_name or identity.name or identity.username, color)
        member.notify(
            {
                "type": "hello",
                "version": 1,
                "epoch": self.epoch,
                "role": member.role.value,
                "user": member.user,
            }
        )
        member.notify(self.filing.notice())
        member.outbox.reply(protocol.step1(self._replica.state()))
        self.presence.welcome(member)
        self.merging.greet(member)
        self._tell_of(What.JOINED, member)

    def leave(self, member: Member) -> None:
        """Forget a member; harmless when it never joined."""
        if member in self.members:
            self.turn.end()
            self.members.discard(member)
            self._palette.give_back(member.identity.username)
            self.presence.leave(member)
            if not self.members and self.bridge.is_current:
                self.timeline.flush()
            self._tell_of(What.LEFT, member)

    def answer(self, member: Member, state: bytes) -> None:
        """Answer a step 1: what `member`, which has `state`, lacks."""
        self.turn.end()
        frames = self.whole.answer(state)
        if len(frames) > 1:
            member.notify({"type": "coming", "bytes": sum(map(len, frames))})
        for frame in frames:
            member.outbox.reply(frame)
        self.filing.greet(member)

    def drained(self, member: Member) -> None:
        """Everything queued for a member has been sent: note it, or catch up what had to be dropped."""
        outbox = member.outbox
        if outbox.behind:
            self.turn.end()
            outbox.behind, missing = False, self._replica.diff(outbox.since or NO_STATE)
            outbox.since = None
            self._caught_up += 1
            outbox.reply(protocol.update(missing))
            member.acknowledge()
            self.presence.welcome(member)
        outbox.since = None

    def hear(self, member: Member, payload: bytes) -> None:
        """Take a member's awareness."""
        self.presence.update(member, payload)

    # updates

    def accept(self, update: bytes, member: Member) -> None:
        """Take a member's update: check it now; apply, fan out, log and acknowledge it before the turn is over.

        Raises LiveError `rejected_update` or `read_only`; nothing has happened then.
        """
        self._intake.accept(update, member)

    def add(self, update: bytes, origin: Origin, author: str = "") -> None:
        """Take an update that comes from no socket but from the file, or handed in. Raises LiveError as `accept`."""
        self.turn.end()
        since = self._replica.earlier()
        if self._apply(update, origin):
            broadcast(self.members, protocol.update(update), since)
            self.journal.record(update, author)
            self._touched()

    def _touched(self) -> None:
        if self._replica.is_doubled and self.bridge.has_file:  # two who mend it would bring twice what a copy has more
            self.merging.mend_soon()
        self.bridge.touch()
        self.filing.tell()

    def _apply(self, update: bytes, origin: Origin) -> bool:
        changed = self._replica.apply(update, origin)
        if displaced := self._replica.displaced:
            self.journal.hold()  # after a crash nobody would know that there is something to rescue
            # The same change may come to two processes at once: to one by its socket, to another handed in.
            alone = None if self.link.is_alone else self.link.alone
            self.merging.rescue(displaced, self._rescued, self._held_up, alone=alone)
        return changed

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Within it no other process brings along what was typed into moved cells. Raises LiveError `log_failed`."""
        return nullcontext() if self.link.is_alone else self.link.alone()

    def _held_up(self, error: LiveError) -> None:
        """What was typed into a cell that was moved is logged with the move, and that cannot be now."""
        self.journal.held_up(error)
        self.filing.log_health(error)

    def _rescued(self) -> None:
        self.journal.release()
        self.filing.log_health(self._log.health)

    def put(self, values: dict[str, Any]) -> None:
        """Write the server's own notes into the document's `state` map; no change of content, so no save."""
        self.turn.end()
        since = self._replica.earlier()
        if update := self._replica.put(values):
            broadcast(self.members, protocol.update(update), since)
            self.journal.record(update, "")

    async def save(self, *, insist: bool = False) -> tuple[Outcome, LiveError | None]:
        """Bring the file up to date with all that has been received. Never raises. See `FileBridge.save`."""
        self.turn.end()
        return await self.bridge.save(insist=insist)

    def _people_elsewhere(self) -> dict[str, Author]:
        users = self.presence.users_elsewhere()
        return {
            name: Author(name, str(user.get("display_name") or name), str(user.get("color") or ""))
            for name, user in users.items()
        }

    def _tell_moment(self, moment: Moment) -> None:
        notice = {"type": "moment", **told(moment)}
        self.moment_elsewhere(notice)
        self.link.publish_control({"moment": notice})

    def moment_elsewhere(self, notice: dict[str, Any]) -> None:
        """Tell the members of a moment that this process, or another, has kept."""
        for member in self.members:
            member.notify(notice)

    def restore(self) -> None:
        """The log has lost the history: give it the document as it is, under the same epoch."""
        self.turn.end()
        self.timeline.forget()
        self.filing.settle(self.bridge.file)  # so that what the file holds can be replayed, if that is all there is
        self.journal.restore(self._replica.snapshot(), self.filing.marks)

    def outdate(self) -> None:
        """Another server has begun a new history of this document: this room is not one to write in any more."""
        self._outdated += 0 if self.is_outdated else len(self.members)
        self._give_up(LiveError("unknown_session", f"{self.document} has another epoch than {self.epoch} by now"))
        self.link.let_go()

    def retire(self) -> None:
        """Let everyone come back at once, to a room that is opened anew: it may have the file then, or not any more."""
        self._give_up(LiveError("restarting", f"{self.document} is opened anew"))

    def end(self, error: LiveError) -> None:
        """Send everyone away for good: there is no such document any more."""
        self._give_up(error)

    def _give_up(self, error: LiveError) -> None:
        """Send everyone away; who comes back finds the document as log and file have it, and brings what they lack."""
        self.is_outdated = True
        self.close(error)

    # other processes (the room is its link's)

    def when_durable(self, call: Callable[[], None]) -> None:
        self.journal.when_durable(call)

    def take_row(self, update: bytes, is_one: bool) -> None:
        """Take an update that another process has logged.

        If it moves a cell whose latest changes that process had not seen, they are brought along, by those that had:
        one after the other, so that each sees what is there already.
        """
        self.turn.end()
        since = self._replica.earlier()
        changed = self._replica.apply(update, Origin.RELAY)
        if is_one and (displaced := self._replica.displaced):
            self.merging.rescue(displaced, alone=self.link.alone)
        if changed:
            broadcast(self.members, protocol.update(update), since)
            self._touched()
        self._mirror(update)

    def _mirror(self, update: bytes) -> None:
        for mirror in [*self.mirrors]:
            mirror(update)

    def sign(self) -> Sign:
        """What to tell the others of this process."""
        if not self.bridge.has_file:
            return Sign(self.sockets)
        return Sign(self.sockets, True, self.filing.covers, self.filing.notice())

    def peers_changed(self) -> None:
        """Others have come, left, or told something new."""
        if isinstance(self.bridge, FileElsewhere):
            sign = self.link.peers.file
            self.bridge.is_anywhere = sign is not None
            if sign:
                self.bridge.covers(sign.covers)
            self.filing.told(sign)

    def moved_elsewhere(self, old: str, new: str) -> None:
        self.keeper.move(old, new)

    def link_health(self, error: LiveError | None) -> None:
        self.filing.link_health(error)

    def save_answered(self, answer: dict[str, Any]) -> None:
        if isinstance(self.bridge, FileElsewhere):
            self.bridge.answered(answer)

    def _tell_peers(self) -> None:
        if self.bridge.has_file:
            self.journal.when_durable(self.link.say)

    def _tell(self, what: What, message: str = "", who: str = "") -> None:
        self.listen(Happening(what, self.name, self.path, who, message))

    def _tell_of(self, what: What, member: Member) -> None:
        if not member.is_program:
            self._tell(what, who=member.identity.username)

    def close(self, error: LiveError) -> None:
        """Close every member's socket with the code and reason of `error`."""
        for member in self.members:
            member.close(error)

    async def stop(self) -> None:
        """Leave the document's group. The members are gone and the file is saved."""
        self.turn.end()
        self.presence.tell()
        await self.merging.close()
        await self.bridge.close()
        await self.timeline.close()
        await self.link.close()
