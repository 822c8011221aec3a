"""One document's link to the other processes: a member of the document's group in the channel layer."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer

from jupyter_live.asgitypes import Message
from jupyter_live.consumers.base import LiveConsumer
from jupyter_live.errors import LiveError
from jupyter_live.flag import Flag
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.layer import LocalChannelLayer
from jupyter_live.relays import Listener
from jupyter_live.tally import LinkTally

log = logging.getLogger(__name__)

RENEW = 3600.0  # seconds; stock layers end a membership after a day (group_expiry)
LARGE = 256 * 1024  # bytes; layers promise to carry 1 MB, and a relay is only a doorbell
QUEUE = 1000  # messages that may wait for a slow layer; more are lost, as on any layer
TOGETHER = 500  # rows in one message; the log has those before
RETRY = 0.5  # seconds between attempts while the layer fails
PATIENCE = 5.0  # seconds after which a layer that does not answer has failed


async def check_layer() -> None:
    """Raises LiveError `not_ready` when the channel layer cannot be used."""
    try:
        await asyncio.wait_for(get_channel_layer().group_send("check", {"type": "check"}), PATIENCE)
    except Exception as error:
        raise LiveError("not_ready", f"the channel layer cannot be used: {error!r}") from error


class RelayConsumer(LiveConsumer):
    """Joins the group, passes on what others publish, publishes what the room says. Leaves also after a crash."""

    handlers = {
        "document.rows": "on_rows",
        "document.awareness": "on_awareness",
        "document.control": "on_control",
        "relay.stop": "stop",
    }

    def __init__(self, document: DocumentId, listener: Listener) -> None:
        self._listener = listener
        # Group names are short ASCII; document ids need not be.
        self._group = f"document.{hashlib.blake2b(document.encode(), digest_size=16).hexdigest()}"
        self.id = uuid.uuid4().hex  # to know one's own messages by: the group hears them too
        self._outgoing: deque[Message] | None = None  # few have others to tell
        self._is_due = Flag()
        self.tally = LinkTally()
        self._stop: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._layer = get_channel_layer()
        self.is_alone = isinstance(self._layer, LocalChannelLayer)
        self.channel_name = ""
        self._task = asyncio.create_task(self._run(), name=f"jupyter-live-relay {document}")

    # the room's side

    def publish_row(self, epoch: Epoch, seq: Seq, update: bytes) -> None:
        """Rows of one commit, which come one after the other, leave as one message."""
        last = self._outgoing[-1] if self._outgoing else None
        if last and last["type"] == "document.rows" and (last["epoch"], last["last"] + 1) == (epoch, seq):
            last["last"] = seq
            last["updates"] = [*last["updates"][-TOGETHER:], update]
        else:
            self._publish(
                {"type": "document.rows", "epoch": epoch, "last": seq, "updates": [update], "at": time.time()}
            )

    def publish_awareness(self, payload: bytes) -> None:
        self._publish({"type": "document.awareness", "payload": payload})

    def publish_control(self, event: dict[str, Any]) -> None:
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
        self._outgoing.append({**message, "sender": self.id})
        self._is_due.set()

    # the group's side

    async def dispatch(self, message: Message) -> None:
        if message.get("sender") != self.id:
            await super().dispatch(message)

    async def on_rows(self, message: Message) -> None:
        self._listener.on_rows(Epoch(message["epoch"]), Seq(message["last"]), message["updates"])
        if message["updates"] and "at" in message:  # else they have to be read, or the other process is an older one
            self.tally.delays.add(time.time() - message["at"])

    async def on_awareness(self, message: Message) -> None:
        self._listener.on_awareness(message["sender"], message["payload"])

    async def on_control(self, message: Message) -> None:
        self._listener.on_control(message["sender"], message["event"])

    async def stop(self, message: Message) -> None:
        raise StopConsumer

    # its life

    async def _run(self) -> None:
        try:
            await self._join()
            await self({"type": "relay"}, self._stopped, _nowhere)
        except StopConsumer:
            pass
        except Exception:
            log.exception("server_error: the link of %s to other processes broke", self._group)

    async def _join(self) -> None:
        """Become a member of the group, as soon as the layer lets that happen."""
        while True:
            with self._looking_after():
                self.channel_name = self.channel_name or await self._layer.new_channel()
                await asyncio.wait_for(self._layer.group_add(self._group, self.channel_name), PATIENCE)
            if self.tally.is_up:
                return
            await asyncio.wait([self._stop], timeout=RETRY)
            if self._stop.done():
                raise StopConsumer

    async def _stopped(self) -> Message:
        return await asyncio.shield(self._stop)

    def sources(self) -> list[Callable[[], Awaitable[Message]]]:
        return [lambda: self._layer.receive(self.channel_name)]

    def jobs(self) -> list[Any]:
        return [self._send_all(), self._renew()]

    async def left(self) -> None:
        with self._looking_after():
            while self._outgoing and self.tally.is_up:  # the last words: that this process has left
                await self._send(self._outgoing.popleft())
            await asyncio.wait_for(self._layer.group_discard(self._group, self.channel_name), PATIENCE)

    async def _send_all(self) -> None:
        # Not `while True`: `wait_for` loses a cancellation that comes in the same turn as the answer (before 3.12).
        while not self.is_over:
            await self._is_due.wait()
            self._is_due.clear()
            while self._outgoing and not self.is_over:
                with self._looking_after():
                    await self._send(self._outgoing.popleft())
                if not self.tally.is_up:
                    await asyncio.sleep(RETRY)

    async def _send(self, message: Message) -> None:
        if sum(map(len, message.get("updates", ()))) > LARGE:
            message = {**message, "updates": []}
        await asyncio.wait_for(self._layer.group_send(self._group, message), PATIENCE)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            with self._looking_after():
                await self._layer.group_add(self._group, self.channel_name)

    @contextmanager
    def _looking_after(self) -> Iterator[None]:
        """What is done with the layer may fail: the others read the log then, and cursors stand still."""
        try:
            yield
        except Exception as error:
            self._is_now(False, f": {error!r}")
        else:
            self._is_now(True)

    def _is_now(self, is_up: bool, why: str = "") -> None:
        if is_up != self.tally.is_up:
            self.tally.is_up = is_up
            self.tally.reconnects += is_up
            log.log(logging.INFO if is_up else logging.WARNING, "layer_failed: %s is %s%s", self._group, is_up, why)
            self._listener.on_link(is_up)


async def _nowhere(message: Message) -> None:
    raise RuntimeError("a relay has no socket to send to")
