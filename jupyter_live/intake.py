"""What members send to a room: checked at once; applied, told, logged and acknowledged before the turn is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from jupyter_live import protocol
from jupyter_live.access import can
from jupyter_live.engine import Replica
from jupyter_live.errors import LiveError
from jupyter_live.filing import Filing
from jupyter_live.ids import DocumentName, Origin
from jupyter_live.journal import Journal
from jupyter_live.member import Member, broadcast
from jupyter_live.turn import TOGETHER, Received, Turn

log = logging.getLogger(__name__)

VIEWER_LIMIT = 2**20  # bytes


class Intake:
    """Takes members' updates into one room.

    `apply` brings an update into the document, and returns whether that changed it; `touched` hears that it did.
    `broken` hears that the document may hold what nobody was told.
    """

    def __init__(
        self,
        name: DocumentName,
        replica: Replica,
        members: set[Member],
        journal: Journal,
        filing: Filing,
        apply: Callable[[bytes, Origin], bool],
        touched: Callable[[], None],
        broken: Callable[[LiveError], None],
    ) -> None:
        self._name = name
        self._replica = replica
        self._members = members
        self._journal = journal
        self._filing = filing
        self._apply = apply
        self._touched = touched
        self._broken = broken
        self.turn = Turn(self._take)

    def accept(self, update: bytes, member: Member) -> None:
        """Take one update. Raises LiveError `rejected_update` or `read_only`; nothing has happened then."""
        if not can(member.role, "write"):
            self.turn.end()
            return self._refuse(update, member)
        if len(update) <= TOGETHER and self._replica.check(update):
            return self.turn.add(update, member, member.acks.receive())
        self.turn.end()
        self._take_one(update, member, None)

    def _take(self, received: Sequence[Received]) -> None:
        try:
            self._take_together(received)
        except Exception as error:
            log.exception("server_error: %d updates of %s could not be taken", len(received), self._name.id)
            self._broken(LiveError("server_error", str(error)))

    def _take_together(self, received: Sequence[Received]) -> None:
        try:
            since = self._replica.earlier()
            rows = {author: self._replica.merge(updates) for author, updates in _by_author(received).items()}
            update, changed = self._replica.apply_together([*rows.values()])
        except LiveError:
            return self._take_one_by_one(received)
        latest = {each.member: each.number for each in received}
        if changed:
            broadcast(
                self._members, protocol.update(update), since, but=received[0].member if len(latest) == 1 else None
            )
            for author, row in rows.items():
                self._journal.record(row, author)
            self._touched()
        for member, number in latest.items():
            self._acknowledge(member, number) if changed else self._nothing_new(member, number)

    def _take_one_by_one(self, received: Sequence[Received]) -> None:
        """One of them is not what it seemed to be: whose it is has to go, the others must not suffer."""
        for each in received:
            try:
                self._take_one(each.update, each.member, each.number)
            except LiveError as error:
                log.warning("closing the socket of %s: %s", each.member.identity.username, error)
                each.member.close(error)

    def _take_one(self, update: bytes, member: Member, number: int | None) -> None:
        since = self._replica.earlier()
        changed = self._apply(update, Origin.MEMBER)
        if number is None:
            number = member.acks.receive()
        elif not changed:
            changed = True  # the turn that failed may have brought it, and has told nobody
        if not changed:
            return self._nothing_new(member, number)
        broadcast(self._members, protocol.update(update), since, but=member)
        self._journal.record(update, member.identity.username)
        self._touched()
        self._acknowledge(member, number)

    def _nothing_new(self, member: Member, number: int) -> None:
        """The replica had all of a frame: it is as safe as the rows that are on their way, whoever sent those."""
        if self._filing.is_current():
            member.acks.save(number)
        self._acknowledge(member, number)

    def _acknowledge(self, member: Member, number: int) -> None:
        """Tell that frame `number` was received, and that it is logged when it is."""

        self._journal.when_durable(lambda: self._filing.logged(member, number))
        if not self._filing.is_logged:  # else one acknowledgement a few ms later says it all
            member.acknowledge()

    def _refuse(self, update: bytes, member: Member) -> None:
        # What a viewer may send brings nothing and is small: a large frame is not even read.
        brings = len(update) > VIEWER_LIMIT or self._replica.brings(update)
        number = member.acks.receive()
        if not brings:
            return self._nothing_new(member, number)
        error = LiveError("read_only", f"{member.identity.username} tried to write {self._name.id}")
        if not member.notices:
            raise error
        member.notify({"type": "refused", **error.body()})


def _by_author(received: Sequence[Received]) -> dict[str, list[bytes]]:
    """A row of the log has one author."""
    updates: dict[str, list[bytes]] = {}
    for each in received:
        updates.setdefault(each.member.identity.username, []).append(each.update)
    return updates
