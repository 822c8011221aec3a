"""One document's link to the other processes: a member of the document's group in the channel layer."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer

from jupyter_live.consumers.base import LiveConsumer, Message
from jupyter_live.flag import Flag
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.relays import Listener

log = logging.getLogger(__name__)

RENEW = 3600.0  # seconds; stock layers end a membership after a day (group_expiry)
LARGE = 256 * 1024  # bytes; layers promise to carry 1 MB, and a relay is only a doorbell
QUEUE = 1000  # messages that may wait for a slow layer; more are lost, as on any layer


class RelayConsumer(LiveConsumer):
    """Joins the group, passes on what others publish, publishes what the room says. Leaves also after a crash."""

    handlers = {
        "document.update": "on_update",
        "document.awareness": "on_awareness",
        "document.control": "on_control",
        "relay.stop": "stop",
    }

    def __init__(self, document: DocumentId, listener: Listener) -> None:
        self._listener = listener
        # Group names are short ASCII; document ids need not be.
        self._group = f"document.{hashlib.blake2b(document.encode(), digest_size=16).hexdigest()}"
        self._id = uuid.uuid4().hex  # to know one's own messages by: the group hears them too
        self._outgoing: deque[Message] | None = None  # few have others to tell
        self._is_due = Flag()
        self._stop: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._layer = get_channel_layer()
        self.channel_name = ""
        self._task = asyncio.create_task(self._run(), name=f"jupyter-live-relay {document}")

    # the room's side

    def publish_update(self, epoch: Epoch, seq: Seq, update: bytes) -> None:
        body = {"update": update} if len(update) <= LARGE else {}
        self._publish({"type": "document.update", "epoch": epoch, "seq": seq, **body})

    def publish_awareness(self, payload: bytes) -> None:
        self._publish({"type": "document.awareness", "payload": payload})

    def publish_control(self, event: dict[str, str]) -> None:
        self._publish({"type": "document.control", "event": event})

    async def close(self) -> None:
        if not self._stop.done():
            self._stop.set_result({"type": "relay.stop"})
        await asyncio.wait([self._task])

    def _publish(self, message: Message) -> None:
        if "others" in self._layer.extensions and not self._layer.others(self._group, self.channel_name):
            return
        if self._outgoing is None:
            self._outgoing = deque()
        if len(self._outgoing) >= QUEUE:
            return log.debug("the channel layer is slow: a message to other processes is dropped")
        self._outgoing.append({**message, "sender": self._id})
        self._is_due.set()

    # the group's side

    async def on_update(self, message: Message) -> None:
        if message["sender"] != self._id and "update" in message:
            self._listener.on_update(Epoch(message["epoch"]), Seq(message["seq"]), message["update"])

    async def on_awareness(self, message: Message) -> None:
        if message["sender"] != self._id:
            self._listener.on_awareness(message["payload"])

    async def on_control(self, message: Message) -> None:
        if message["sender"] != self._id:
            self._listener.on_control(message["event"])

    async def stop(self, message: Message) -> None:
        raise StopConsumer

    # its life

    async def _run(self) -> None:
        try:
            self.channel_name = await self._layer.new_channel()
            await self._layer.group_add(self._group, self.channel_name)
            await self({"type": "relay"}, self._stopped, _nowhere)
        except Exception:
            log.exception("server_error: the link of %s to other processes broke", self._group)

    async def _stopped(self) -> Message:
        return await asyncio.shield(self._stop)

    def sources(self) -> list[Callable[[], Awaitable[Message]]]:
        return [lambda: self._layer.receive(self.channel_name)]

    def jobs(self) -> list[Any]:
        return [self._send_all(), self._renew()]

    async def left(self) -> None:
        await self._layer.group_discard(self._group, self.channel_name)

    async def _send_all(self) -> None:
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            while self._outgoing:
                await self._layer.group_send(self._group, self._outgoing.popleft())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            await self._layer.group_add(self._group, self.channel_name)


async def _nowhere(message: Message) -> None:
    raise RuntimeError("a relay has no socket to send to")
