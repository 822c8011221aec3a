"""Messages received and not yet handled: bounded in bytes."""

from __future__ import annotations

import asyncio
from collections import deque

from jupyter_live.asgitypes import Message
from jupyter_live.flag import Flag

OVERHEAD = 500  # bytes that a message takes in memory beside its content: an empty one is not free


class Inbox:
    """What a socket has sent. `put` tells the reader to wait while more than `limit` bytes are queued."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._messages: deque[tuple[Message, int]] | None = None  # an empty one takes 600 bytes, and most stay empty
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._room = Flag()
        self._closed = False

    @property
    def is_empty(self) -> bool:
        return not self._messages

    def put(self, message: Message, size: int = 0) -> asyncio.Future[None] | None:
        """Queue a message; returns something to await before reading on when the inbox is full, else None."""
        if self._closed:
            return None
        size += OVERHEAD
        if self._messages is None:
            self._messages = deque()
        self._messages.append((message, size))
        self._size += size
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        if self._size <= self._limit:
            return None
        self._room.clear()
        return asyncio.ensure_future(self._room.wait())

    async def get(self) -> Message:
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message, size = self._messages.popleft()
        if not self._messages:
            self._messages = None
        self._size -= size
        if self._size <= self._limit:
            self._room.set()
        return message

    def close(self) -> None:
        """Nobody gets messages any more: let go of who waits to put one."""
        self._closed = True
        self._messages = None
        self._room.set()
