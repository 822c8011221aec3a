"""One connected socket, as rooms see it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from jupyter_live import protocol
from jupyter_live.access import Role
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity
from jupyter_live.outbox import Outbox
from jupyter_live.push import Shared


class Member:
    """A socket in a room: whose it is, what they may do, what waits to be sent.

    `notices` are our own messages (hello, ack, state), sent only to clients that asked for them. A program of this
    process (`is_program`, see `direct.py`) is a member without a socket; it keeps no room open.
    """

    def __init__(
        self, identity: Identity, role: Role, outbox: Outbox, *, notices: bool = False, is_program: bool = False
    ) -> None:
        self.identity = identity
        self.role = role
        self.outbox = outbox
        self.notices = notices
        self.is_program = is_program
        self.acks = Acks()
        self.closing: LiveError | None = None
        self.user: dict[str, str | None] = {}
        """The identity as others see it, with a colour; set when the member joins."""
        self._is_acknowledging = False
        self.client: int | None = None
        """The awareness client id that this socket speaks for; its first announcement decides."""

    def rename(self, identity: Identity, color: str) -> None:
        """The same person goes by another name, or in another colour, from now on."""
        self.identity = identity
        self.user = identity.as_user(color)
        self.notify({"type": "user", "user": self.user})

    def notify(self, message: dict[str, Any]) -> None:
        if self.notices:
            self.outbox.reply(protocol.raw(message))

    def acknowledge(self) -> None:
        """Tell what became of its frames; of a member that is behind, once it has all that came before."""
        self._is_acknowledging = False
        if self.notices and not self.outbox.behind:
            self.outbox.reply(self.acks.frame())

    def acknowledge_soon(self) -> None:
        """Tell it when this turn of the event loop ends: once for all that a commit has made durable."""
        if self.notices and not self._is_acknowledging:
            self._is_acknowledging = True
            asyncio.get_running_loop().call_soon(self._acknowledge_now)

    def _acknowledge_now(self) -> None:
        if self._is_acknowledging:  # else it was told meanwhile
            self.acknowledge()

    def close(self, error: LiveError) -> None:
        """Have the socket closed once what is queued has been sent. The first reason stays."""
        if self.closing is None:
            self.closing = error
            self.outbox.wake()


class Acks:
    """How many of a socket's document frames are in memory, in the log, and in the file.

    Counting frames lets a client know what became of each change without ids on the wire. `logged` and `saved` never
    run ahead of the truth: they may lag while later frames are on their way.
    """

    def __init__(self) -> None:
        self.received = 0
        self.logged = 0
        self.saved = 0

    def receive(self) -> int:
        """Count a frame; returns its number."""
        self.received += 1
        return self.received

    def log(self, number: int) -> None:
        """The log has what frame `number` brought, and every earlier one."""
        self.logged = max(self.logged, number)

    def save(self, number: int) -> None:
        """The file on disk contains all frames up to `number`."""
        self.saved = max(self.saved, number)

    def frame(self) -> bytes:
        return protocol.ack(self.received, self.logged, self.saved)


def broadcast(members: Iterable[Member], frame: bytes, since: bytes | None = None, but: Member | None = None) -> None:
    """Send `frame` to everyone `but` one. `since` is the document's state vector before the change that it tells."""
    shared = Shared(frame)
    for member in members:
        if member is not but:
            member.outbox.broadcast(shared, since)
