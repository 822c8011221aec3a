"""What waits to be sent to one member: nothing while its socket keeps up, else a queue that is bounded in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from jupyter_live.flag import Flag

Push = Callable[[bytes], bool]
"""Sends a frame at once; returns False, and sends nothing, while the socket has not taken what came before."""


def no_push(frame: bytes) -> bool:
    """For a server that cannot: every frame goes through the queue."""
    return False


class Outbox:
    """Frames on their way to one slow or fast socket.

    What can be pushed is sent in the call itself. The rest is queued; one task sends it. Replies are kept whatever
    happens; who makes them waits for `room` in between. Broadcasts are dropped, all of them, when `limit` bytes are
    queued: the owner then finds `behind` set when the queue has drained, and sends one difference instead.
    """

    def __init__(self, limit: int, push: Push = no_push) -> None:
        self._limit = limit
        self._push = push
        self._frames: deque[tuple[bytes, bool]] | None = None  # an empty one takes 600 bytes, and most stay empty
        self._wake = Flag()
        self._fits = Flag()
        self.size = 0
        self.behind = False
        self.since: bytes | None = None
        """State vector of the document before the first change that had to be queued; None when none was."""

    def reply(self, frame: bytes) -> None:
        """Send a frame that only this member gets."""
        if self._frames or not self._push(frame):
            self._put(frame, False)

    def broadcast(self, frame: bytes, since: bytes | None = None) -> None:
        """Send a frame that everyone gets, unless this member is behind.

        `since` is the document's state vector before the change that the frame tells, if it tells one.
        """
        if not self._frames and not self.behind and self._push(frame):
            return
        if self.since is None:
            self.since = since
        if self.behind:
            return
        if self._frames and self.size + len(frame) > self._limit:
            self._frames = deque((reply, droppable) for reply, droppable in self._frames if not droppable)
            self.size = sum(len(reply) for reply, _ in self._frames)
            self.behind = True
            self._fits.set()
            self.wake()
            return
        self._put(frame, True)

    def pop(self) -> bytes | None:
        """The next frame, or None when there is none."""
        if not self._frames:
            return None
        frame, _ = self._frames.popleft()
        if not self._frames:
            self._frames = None
        self.size -= len(frame)
        self._fits.set()
        return frame

    @property
    def is_full(self) -> bool:
        """Whether more than the limit is queued. Who asks and does not read the answers is not heard further."""
        return self.size > self._limit

    async def room(self) -> None:
        """Until it is not full."""
        while self.is_full:
            self._fits.clear()
            await self._fits.wait()

    def wake(self) -> None:
        """Have `wait` return even though there may be nothing to send."""
        self._wake.set()

    async def wait(self) -> None:
        """Until something was queued or dropped since the last call, or `wake` was called."""
        await self._wake.wait()
        self._wake.clear()

    def _put(self, frame: bytes, droppable: bool) -> None:
        if self._frames is None:
            self._frames = deque()
        self._frames.append((frame, droppable))
        self.size += len(frame)
        self.wake()
