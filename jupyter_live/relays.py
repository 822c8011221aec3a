"""The relay port: telling the other processes that have this document open.

The layer below is a doorbell: it may lose, repeat or delay what it is given. The log is the truth.
The implementation is `consumers/relay.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jupyter_live.ids import DocumentId, Epoch, Seq


class Listener(Protocol):
    """What a room does with what other processes tell."""

    def on_update(self, epoch: Epoch, seq: Seq, update: bytes) -> None: ...

    def on_awareness(self, payload: bytes) -> None: ...

    def on_control(self, event: dict[str, str]) -> None: ...


class Relay(Protocol):
    """One document's link to the other processes. Methods return at once; what is published may get lost."""

    def publish_update(self, epoch: Epoch, seq: Seq, update: bytes) -> None: ...

    def publish_awareness(self, payload: bytes) -> None: ...

    def publish_control(self, event: dict[str, str]) -> None: ...

    async def close(self) -> None: ...


OpenRelay = Callable[[DocumentId, Listener], Relay]
"""Join a document's group; the listener hears what others publish from then on, never its own."""
