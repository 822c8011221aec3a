"""Daphne's WebSocket, made to wait for slow clients and slow applications, and to close as it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autobahn.util import encode_truncate
from autobahn.websocket.protocol import PreparedMessage
from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Server

from jupyter_live.asgitypes import Message
from jupyter_live.errors import LiveError
from jupyter_live.push import PUSH, Shared
from jupyter_live.serving.flow import ClientGone, Gate, Inbox

CLOSE_TIMEOUT = 10.0
"""Seconds for a client to take what was sent before the close, and to answer it."""
REASON_LIMIT = 123  # bytes of a close frame's reason, RFC 6455 section 5.5


class WebSocket(WebSocketProtocol):
    """One socket. The server gives it `inbox_limit`, in bytes, and `ping_timeout`, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._gate = Gate()
        self._take: Callable[[bytes], bool] | None = None
        self._is_held = False  # not read, until the application has received some
        self._heard = time.monotonic()
        self._octets = 0
        self._lingering: Any = None

    # for the server

    def opened(self, scope: Message) -> Inbox:
        """The application is about to begin: complete its scope, and return what it receives from."""
        scope["extensions"][PUSH] = {"push": self.push, "pull": self.pull}
        self._inbox = Inbox(self.server.inbox_limit, self._hold, self._read_on)
        return self._inbox

    async def send(self, message: Message) -> None:
        """The application's `send`: returns when there is room for more. ClientGone when nobody is there any more."""
        kind = message["type"]
        if kind == "websocket.accept":
            self._require(self.STATE_CONNECTING)
            self.serverAccept(message.get("subprotocol"))
        elif kind == "websocket.send":
            await self._gate.wait()
            self._require(self.STATE_OPEN)
            # Written before it waits, so that nothing that is pushed meanwhile overtakes it.
            self.sendData(_frame(message))
            await self._gate.wait()
        elif kind == "websocket.close":
            if self.state == self.STATE_CONNECTING:
                self.serverReject()
            else:
                self.close(message.get("code", 1000), message.get("reason") or "")
        else:
            raise ValueError(f"a WebSocket cannot send {kind!r}")

    def ended(self, failed: bool) -> None:
        """The application has ended. (Plain Daphne finds out within 1 s, and keeps the socket if it did not fail.)"""
        self._inbox.close()
        if self.state != self.STATE_CONNECTING:
            self.close(*((1011, LiveError("server_error").reason()) if failed else (1000, "")))
        elif failed:
            self.handshake_deferred.errback(ConnectionDeny(500, "Internal Server Error"))  # type: ignore[no-untyped-call]
        else:
            self.serverReject()

    def close(self, code: int, reason: str) -> None:
        """Begin to close, if it is open. (Autobahn's `sendClose` refuses all codes but 1000 and 3000 to 4999.)"""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code, encode_truncate(reason, REASON_LIMIT) or None)

    # the extension that `jupyter_live.push` describes

    def push(self, message: bytes) -> bool:
        if self._gate.is_shut or self.state != self.STATE_OPEN:
            return False
        self._write_at_once(_frame({"bytes": message}))
        return True

    def _write_at_once(self, wire: bytes) -> None:
        """Write to the socket itself if nothing waits there: 21 us a delivery instead of 67, and a turn sooner."""
        transport = self.transport
        if type(transport) is Server and not (transport.dataBuffer or transport._tempDataBuffer):
            sent = transport.writeSomeData(wire)
            wire = wire[sent:] if isinstance(sent, int) else wire  # else it is lost, and that is found out here
        if wire:
            self.sendData(wire)

    def pull(self, take: Callable[[bytes], bool]) -> None:
        self._take = take

    # what Autobahn and Daphne call

    def onOpen(self) -> None:
        # Twisted's HTTP channel is still there, and would stop reading while it cannot write: no pong would be heard.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._gate, True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if isBinary and self._take and self._inbox.is_empty and self._take(payload):
            return
        content = {"bytes": payload} if isBinary else {"text": payload.decode()}
        self._inbox.put_nowait({"type": "websocket.receive", **content})

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self._gate.open()
        if self._lingering is not None and self._lingering.active():
            self._lingering.cancel()
        server = self.factory.server_class
        if self in server.connections:  # not where the handshake failed
            server.protocol_disconnected(self)
            self._inbox.put_nowait({"type": "websocket.disconnect", "code": code or 1005, "reason": reason or ""})

    def dropConnection(self, abort: bool = False) -> None:
        # Autobahn resets a connection that it has closed in all form. A proxy (a hub's) takes that for a failure, and
        # writes an HTTP answer into the socket: the browser then says 1006, and our code is lost.
        abort = abort and not self.wasClean
        super().dropConnection(abort)
        self._gate.open()
        if not abort and self._lingering is None:
            # Twisted would wait for ever for a client that does not read the rest.
            self._lingering = self.factory.reactor.callLater(CLOSE_TIMEOUT, self.transport.abortConnection)

    def check_timeouts(self) -> None:
        """Every 2 s: ping a client only when nothing comes from it although it is read."""
        octets = self.trafficStats.incomingOctetsWireLevel
        if octets != self._octets or (self._is_held and not self._gate.is_shut):
            self._octets, self._heard = octets, time.monotonic()
            self.last_ping = time.time()
        super().check_timeouts()

    def onAutoPingTimeout(self) -> None:
        """A ping has no answer. It may stand behind a message that takes a minute, on its way there or back."""
        if time.monotonic() - max(self._heard, self._gate.moved) >= self.server.ping_timeout:
            super().onAutoPingTimeout()
        else:
            self.autoPingTimeoutCall = self.autoPingPending = None

    def _hold(self) -> None:
        self._is_held = True
        self.transport.pauseProducing()

    def _read_on(self) -> None:
        self._is_held = False
        self.transport.resumeProducing()

    def _require(self, state: int) -> None:
        if self.state in (self.STATE_CLOSING, self.STATE_CLOSED):
            raise ClientGone("the client is gone")
        if self.state != state:
            raise RuntimeError("a WebSocket is accepted once, and before anything is sent")


def _frame(message: Message) -> bytes:
    """The frame of a message; of one that many sockets get it is made once."""
    data = message.get("bytes")
    if data is None:
        return _wire(message["text"].encode(), False)
    if not isinstance(data, Shared):
        return _wire(data, True)
    if data.wire is None:
        data.wire = _wire(data, True)
    return data.wire


def _wire(payload: bytes, is_binary: bool) -> bytes:
    """Prepared and not sent by `sendMessage`, which has outgoing messages obey the limit of incoming ones."""
    wire: bytes = PreparedMessage(payload, is_binary, applyMask=False, doNotCompress=True).payloadHybi
    return wire
