"""What a room has to do with the other processes that have its document open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol

from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import Outcome
from jupyter_live.following import Following
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import UpdateLog
from jupyter_live.peers import Peers, Sign, as_event
from jupyter_live.presence import Presence
from jupyter_live.relays import OpenRelay
from jupyter_live.tail import Tail
from jupyter_live.tally import Tally

log = logging.getLogger(__name__)

TRY_AGAIN = 0.05  # seconds
CLOSING = 3.0  # seconds for giving back a lock: a database may hang


class Linked(Protocol):
    """The room."""

    document: DocumentId
    epoch: Epoch
    presence: Presence

    def when_durable(self, call: Callable[[], None]) -> None:
        """Do `call` when all that this process has recorded so far is durable."""

    def take_row(self, update: bytes, is_one: bool) -> None:
        """Take what another process has logged: one change, or what stands for many."""

    def outdate(self) -> None:
        """There is a new history."""

    def retire(self) -> None:
        """Let everyone come back to a room that is opened anew."""

    def sign(self) -> Sign:
        """What to tell the others of this process."""

    def peers_changed(self) -> None:
        """Others have come, left, or told something new."""

    def moved_elsewhere(self, old: str, new: str) -> None:
        """Another process has noticed that the file was renamed."""

    def link_health(self, error: LiveError | None) -> None:
        """The others cannot be told anything now, or can again."""

    async def save(self, *, insist: bool) -> tuple[Outcome, LiveError | None]:
        """Save the file; `insist` as somebody asks for it."""

    def save_answered(self, answer: dict[str, Any]) -> None:
        """Whoever has the file has answered."""

    def moment_elsewhere(self, notice: dict[str, Any]) -> None:
        """Another process has kept a moment of the timeline."""


class Link:
    """Speaks to the other processes, and hears them, for one room (as its relay's listener)."""

    def __init__(self, room: Linked, tail: Tail, log: UpdateLog, open_relay: OpenRelay) -> None:
        self._room = room
        self._log = log
        self._relay = open_relay(room.document, self)
        self._following = Following(room.document, room.epoch, tail, log, self._take_row, room.outdate)
        self.peers = Peers(self._show, room.presence.forget, room.peers_changed)
        self._saves: set[asyncio.Task[None]] = set()
        self._locks = 0  # so often this room has the lock of its document
        self._unlocking: set[asyncio.Task[None]] = set()
        self._handlers: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "alive": lambda peer, event: self.peers.hear(peer, event["alive"]),
            "gone": lambda peer, event: self.peers.left(peer),
            "moved": lambda peer, event: room.moved_elsewhere(event["moved"], event["to"]),
            "save": lambda peer, event: self._save(event["save"], Seq(event["seq"])),
            "saved": lambda peer, event: room.save_answered(event),
            "moment": lambda peer, event: room.moment_elsewhere(event["moment"]),
        }

    @property
    def is_alone(self) -> bool:
        """Whether there can be no other processes."""
        return self._relay.is_alone

    @property
    def is_up(self) -> bool:
        """Whether the layer takes what it is given."""
        return self._relay.tally.is_up

    @property
    def tally(self) -> Tally:
        """What this link has met with."""
        link = self._relay.tally
        return Tally(gaps=self._following.reads, reconnects=link.reconnects, delays=link.delays)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Do something that one process should do, after all that others have logged until now, and have it logged.

        Tasks of one process may be in here together: what one of them has done, the others find. Raises LiveError
        `log_failed`, and `unknown_session` where there is a new history: of this one nobody can know all by then.
        """
        document = self._room.document
        while not await self._log.lock(document):  # noqa: ASYNC110  held by another process
            await asyncio.sleep(TRY_AGAIN)
        self._locks += 1
        try:
            await self._log.flush()  # what is done in here while the log fails is logged after others have done it too
            if tail := (await self._log.tails([document])).get(document):
                await self._reach(*tail)
            yield
            await self._log.flush()
        except LiveError as error:
            if error.code == "unknown_session":
                self.let_go()
            raise
        finally:
            # Not before: what has been done may be held back with what another task has still to do in here.
            self._room.when_durable(self._give_back_the_lock)

    async def _reach(self, epoch: Epoch, seq: Seq) -> None:
        if epoch != self._room.epoch:
            self._room.outdate()
            raise LiveError(
                "unknown_session", f"{self._room.document} has another epoch than {self._room.epoch} by now"
            )
        await self._following.reached(seq)

    def begin(self) -> None:
        """Let the others know of this process from now on."""
        if not self._relay.is_alone:
            self.peers.begin()

    def say(self) -> None:
        """Give a sign of life."""
        if not self._relay.is_alone:
            self._relay.publish_control(as_event(self._room.sign()))

    def publish_row(self, epoch: Epoch, seq: Seq, update: bytes) -> None:
        self._relay.publish_row(epoch, seq, update)
        self._following.go_on()

    def publish_awareness(self, payload: bytes) -> None:
        self._relay.publish_awareness(payload)

    def publish_control(self, event: dict[str, Any]) -> None:
        self._relay.publish_control(event)

    def told(self, epoch: Epoch, seq: Seq) -> None:
        """The log has rows up to `seq`, of that epoch."""
        if epoch != self._room.epoch:
            self._room.outdate()
        else:
            self._following.told(seq)

    async def close(self) -> None:
        self.peers.close()
        await self._following.close()
        if not self._relay.is_alone:
            self._relay.publish_control({"gone": True})
        self.let_go()
        if self._unlocking:
            await asyncio.wait(self._unlocking, timeout=CLOSING)
        for task in self._saves:
            task.cancel()
        await self._relay.close()

    def let_go(self) -> None:
        """Nothing more of this history will be logged: nobody has to wait for it."""
        while self._locks:
            self._give_back_the_lock()

    def _give_back_the_lock(self) -> None:
        if self._locks:  # else all were given back meanwhile
            self._locks -= 1
            unlocking = self._log.unlock(self._room.document)
            task = asyncio.create_task(unlocking, name=f"jupyter-live-unlock {self._room.document}")
            self._unlocking.add(task)
            task.add_done_callback(self._unlocking.discard)

    # as the relay's listener

    def on_rows(self, epoch: Epoch, last: Seq, updates: Sequence[bytes]) -> None:
        if epoch != self._room.epoch:
            return self._following.look()  # one of the two processes has missed that there is a new history
        self._following.hear(last, updates)

    def _take_row(self, update: bytes, is_one: bool) -> None:
        """Take it, whoever brought it here: a message, the log, or a row of our own that it waited for."""
        try:
            self._room.take_row(update, is_one)
        except Exception:
            log.exception("server_error: %s: a row cannot be taken; the document is opened anew", self._room.document)
            self._room.retire()

    def on_awareness(self, peer: str, payload: bytes) -> None:
        with self._despite(peer):
            self._room.presence.hear(peer, payload)

    def on_control(self, peer: str, event: dict[str, Any]) -> None:
        with self._despite(peer):
            for word in event:
                if handle := self._handlers.get(word):
                    handle(peer, event)

    @contextmanager
    def _despite(self, peer: str) -> Iterator[None]:
        """Go on with the next message when one cannot be understood: the log is the truth, not these."""
        try:
            yield
        except Exception:
            log.exception("server_error: %s: what %s tells is not understood", self._room.document, peer)

    def on_link(self, is_up: bool) -> None:
        self._room.link_health(None if is_up else LiveError("layer_failed"))
        if is_up:
            self._show()
            self._following.look()

    def _show(self) -> None:
        """Give a sign of life, and show our members to whoever has missed them."""
        self.say()
        if payload := self._room.presence.ours():
            self._relay.publish_awareness(payload)

    def _save(self, number: str, seq: Seq) -> None:
        """Another process asks for a save of rows up to `seq`: only whoever has the file answers."""
        if self._room.sign().has_file:
            saving = self._save_and_answer(number, seq)
            task = asyncio.create_task(saving, name=f"jupyter-live-save {self._room.document}")
            self._saves.add(task)
            task.add_done_callback(self._saves.discard)

    async def _save_and_answer(self, number: str, seq: Seq) -> None:
        try:
            await self._following.reached(seq)
        except LiveError:
            return  # of another history: whoever asks has to open that
        outcome, error = await self._room.save(insist=True)
        self._relay.publish_control({"saved": number, "outcome": outcome.value, "code": error.code if error else None})
