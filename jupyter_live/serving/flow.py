"""Waiting for the other side, both ways: what Twisted's transports call and what an ASGI application awaits.

Plain Daphne waits for nobody: with one client that does not read its memory grew from 65 to 213 MiB
(https://github.com/django/daphne/issues/170).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from jupyter_live.asgitypes import Message
from jupyter_live.flag import Flag

OVERHEAD = 500  # bytes that a message takes in memory beside its content: an empty one is not free


class ClientGone(OSError):
    """`send` on a connection whose client is gone: an OSError, as ASGI 2.4 asks for."""


class Gate:
    """A push producer of Twisted, shut while a transport has more to write than it wants (64 KiB)."""

    def __init__(self) -> None:
        self.is_shut = False
        self.moved = 0.0
        """When the client had last taken all that was written; in seconds, of `time.monotonic`."""
        self._opened = Flag()

    async def wait(self) -> None:
        """Until it is open."""
        while self.is_shut:  # again: who waited as well may have shut it
            await self._opened.wait()

    def open(self) -> None:
        """Let go of all who wait, for good if nobody shuts it again."""
        self.is_shut = False
        self._opened.set()

    def pauseProducing(self) -> None:
        self.is_shut = True
        self._opened.clear()

    def resumeProducing(self) -> None:
        self.moved = time.monotonic()
        self.open()

    def stopProducing(self) -> None:
        self.open()


class Inbox:
    """What a client has sent and its application has not received yet.

    It calls `pause` when more than `limit` bytes are queued, and `resume` when there is room again. `put_nowait` is
    named as of `asyncio.Queue`, for Daphne.
    """

    def __init__(self, limit: int, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._limit = limit
        self._pause = pause
        self._resume = resume
        self._messages: deque[tuple[Message, int]] = deque()
        self._size = 0
        self._some = Flag()
        self._is_closed = False
        self.is_full = False

    @property
    def is_empty(self) -> bool:
        return not self._messages

    def put_nowait(self, message: Message) -> None:
        if self._is_closed:
            return
        size = OVERHEAD + len(message.get("bytes") or message.get("text") or b"")
        self._messages.append((message, size))
        self._size += size
        self._some.set()
        if self._size > self._limit and not self.is_full:
            self.is_full = True
            self._pause()

    async def get(self) -> Message:
        while not self._messages:
            self._some.clear()
            await self._some.wait()
        message, size = self._messages.popleft()
        self._size -= size
        if self.is_full and self._size <= self._limit:
            self.is_full = False
            self._resume()
        return message

    def close(self) -> None:
        """Nobody receives any more: forget what is queued, and read on, to hear the client's close."""
        self._is_closed = True
        self._messages.clear()
        if self.is_full:
            self.is_full = False
            self._resume()
