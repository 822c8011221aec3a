"""The relay port: telling the other processes that have this document open.

The layer below is a doorbell: it may lose, repeat or delay what it is given. The log is the truth.
The implementation is `consumers/relay.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.tally import LinkTally


class Listener(Protocol):
    """What a room does with what other processes tell. `peer` names the process, as long as it has the room open."""

    def on_rows(self, epoch: Epoch, last: Seq, updates: Sequence[bytes]) -> None:
        """Rows that end with `last` are in the log; `updates` are the newest of them, or none of them."""

    def on_awareness(self, peer: str, payload: bytes) -> None: ...

    def on_control(self, peer: str, event: dict[str, Any]) -> None: ...

    def on_link(self, is_up: bool) -> None:
        """The layer does not take what it is given, or takes it again."""


class Relay(Protocol):
    """One document's link to the other processes. Methods return at once; what is published may get lost."""

    id: str
    """The name of this process, to the others."""

    is_alone: bool
    """Whether there can be no other processes."""

    tally: LinkTally
    """How the link fares."""

    def publish_row(self, epoch: Epoch, seq: Seq, update: bytes) -> None: ...

    def publish_awareness(self, payload: bytes) -> None: ...

    def publish_control(self, event: dict[str, Any]) -> None: ...

    async def close(self) -> None: ...


OpenRelay = Callable[[DocumentId, Listener], Relay]
"""Join a document's group; the listener hears what others publish from then on, never its own."""
