"""A channel layer within one process, for a server that stands alone.

Channels' own `InMemoryChannelLayer` scans all channels at every call, takes a deep copy per receiver, and forgets the
group membership of a channel that was slow once. This one does not; like every layer it drops what exceeds a
channel's capacity, and counts it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer

Message = dict[str, Any]


class LocalChannelLayer(BaseChannelLayer):
    """In-process layer: FIFO per channel, one total order for all receivers of a group."""

    extensions = ["groups", "flush", "others"]

    def __init__(self, expiry: float = 60, capacity: int = 1000, channel_capacity: Any = None, **options: Any) -> None:
        super().__init__(expiry=expiry, capacity=capacity, channel_capacity=channel_capacity, **options)
        self._mailboxes: dict[str, _Mailbox] = {}
        self._groups: dict[str, set[str]] = {}
        self.dropped = 0

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.inmemory!{uuid.uuid4().hex}"

    async def send(self, channel: str, message: Message) -> None:
        self.require_valid_channel_name(channel)
        if not self._mailbox(channel).put(dict(message)):
            raise ChannelFull(channel)

    async def receive(self, channel: str) -> Message:
        mailbox = self._mailbox(channel)
        try:
            return await mailbox.get()
        finally:
            if mailbox.is_unused:
                self._mailboxes.pop(channel, None)

    async def group_add(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self._groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        members = self._groups.get(group, set())
        members.discard(channel)
        if not members:
            self._groups.pop(group, None)
        if not any(channel in members for members in self._groups.values()):
            mailbox = self._mailboxes.get(channel)
            if mailbox and not mailbox.is_waited_for:
                del self._mailboxes[channel]  # what is in it concerned the groups it has left

    async def group_send(self, group: str, message: Message) -> None:
        self.require_valid_group_name(group)
        for channel in list(self._groups.get(group, ())):
            if not self._mailbox(channel).put(dict(message)):
                self.dropped += 1

    def others(self, group: str, channel: str) -> int:
        """How many channels of a group there are beside this one. (An extension of ours.)"""
        members = self._groups.get(group, set())
        return len(members) - (channel in members)

    async def flush(self) -> None:
        self._mailboxes.clear()
        self._groups.clear()

    def _mailbox(self, channel: str) -> _Mailbox:
        mailbox = self._mailboxes.get(channel)
        if mailbox is None:
            mailbox = self._mailboxes[channel] = _Mailbox(self.get_capacity(channel))
        return mailbox


class _Mailbox:
    """A bounded queue with any number of waiting receivers."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._messages: deque[Message] = deque()
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def is_waited_for(self) -> bool:
        return bool(self._waiters)

    @property
    def is_unused(self) -> bool:
        return not self._messages and not self._waiters

    def put(self, message: Message) -> bool:
        if len(self._messages) >= self._capacity:
            return False
        self._messages.append(message)
        self._wake()
        return True

    async def get(self) -> Message:
        while not self._messages:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # it was this one's turn: hand it on
                raise
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        return self._messages.popleft()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
