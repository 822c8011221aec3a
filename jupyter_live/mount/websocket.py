"""WebSockets through the mount.

The application decides before the upgrade (ASGI's order), Tornado does the frames. Both directions are bounded:
Tornado stops reading while the inbox is full, the application's `send` returns when the socket has taken the bytes.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from jupyter_live.asgitypes import Application, Message
from jupyter_live.errors import LiveError
from jupyter_live.mount.asgi import Limits, scope_of
from jupyter_live.mount.gate import Gate, Refused
from jupyter_live.mount.inbox import Inbox
from jupyter_live.mount.reading import ReadingAhead
from jupyter_live.mount.wire import wire_of, write_at_once
from jupyter_live.push import PUSH

AT_ONCE = 50  # messages of one socket before others get their turn (Tornado before 6.6 gives them none)

log = logging.getLogger(__name__)

_live: weakref.WeakSet[WebSocketMount] = weakref.WeakSet()


async def close_all() -> None:
    """Close every mounted socket with 1012, and wait until their applications have seen all that came before."""
    await asyncio.gather(*(socket.stop() for socket in list(_live)))


class WebSocketMount(Gate, WebSocketHandler):
    """One socket of the ASGI application."""

    def initialize(self, serve: Application, limits: Limits) -> None:
        self._app = serve
        self._limits = limits
        self._inbox = Inbox(limits.inbox_limit)
        self._task: asyncio.Task[None] | None = None
        self._decided: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._take: Callable[[bytes], bool] | None = None
        self._taken = 0
        self._subprotocol: str | None = None
        self._ending: LiveError | None = None

    @property
    def ping_interval(self) -> float:
        """Seconds. (Jupyter's own mixin has milliseconds here, which Tornado would take for seconds.)"""
        return self._limits.ping_interval

    @property
    def ping_timeout(self) -> float:
        return self._limits.ping_interval

    @property
    def max_message_size(self) -> int:
        """Larger messages close the socket with 1009."""
        return self._limits.max_message_size

    def get_compression_options(self) -> None:
        """No compression: nothing to gain on updates of 100 bytes, and no decompression bombs."""

    @ws_authenticated  # the gate has decided; the mark tells Jupyter's own check of handlers so
    async def get(self, *args: Any, **kwargs: Any) -> None:
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise Refused("bad_request")
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        scope = scope_of(self, "websocket") | {
            "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
            "state": {},
            "extensions": {PUSH: {"push": self.push, "pull": self.pull}},
        }
        self._inbox.put({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run(scope), name=f"jupyter-live-socket {scope['path']}")
        if not await self._decided:
            raise Refused(self._ending.code if self._ending else "forbidden")
        _live.add(self)
        await super().get(*args, **kwargs)
        if not self._opened.done():  # Tornado has refused the upgrade
            self._opened.cancel()
            self._inbox.put({"type": "websocket.disconnect", "code": 1006})

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        protocol = super().get_websocket_protocol()
        if isinstance(protocol, WebSocketProtocol13):
            reading = ReadingAhead(self, False, protocol.params)
            reading.take = self.take
            return reading
        return protocol

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return self._subprotocol if self._subprotocol in subprotocols else None

    def open(self, *args: Any, **kwargs: Any) -> None:
        self.set_nodelay(True)
        self._opened.set_result(None)

    def on_message(self, message: str | bytes) -> Any:
        if isinstance(message, bytes) and self.take(message):
            self._taken += 1
            return None if self._taken % AT_ONCE else asyncio.sleep(0)
        kind = "text" if isinstance(message, str) else "bytes"
        return self._inbox.put({"type": "websocket.receive", kind: message}, len(message))

    def take(self, message: bytes) -> bool:
        """Have the application handle a message now; False, and nothing is done, where it has to be received."""
        return self._take is not None and self._inbox.is_empty and self._take(message)

    def on_close(self) -> None:
        code = self.close_code or 1006
        self._inbox.put({"type": "websocket.disconnect", "code": code, "reason": self.close_reason or ""})
        _live.discard(self)

    def push(self, message: bytes) -> bool:
        """Send a binary message without waiting. Returns False, and sends nothing, where that cannot be done now.

        Then `send` does it, and returns when there is room again. (An ASGI extension of the scope.)
        """
        connection = self.ws_connection
        if connection is None or connection.is_closing() or not self._opened.done():
            return False
        return write_at_once(connection.stream, wire_of(message))

    def pull(self, take: Callable[[bytes], bool]) -> None:
        """Give binary messages to `take` as they come; what it does not take is received. (The extension's other half.)

        A task that is woken for each message costs twice as much as what it does with a keystroke.
        """
        self._take = take

    async def stop(self) -> None:
        """The server goes: let the application finish what it has received, then tell the client to come back."""
        self._ending = LiveError("restarting")
        self._inbox.put({"type": "websocket.disconnect", "code": self._ending.kind.close})
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=self._limits.stop_timeout)
            for task in late:
                task.cancel()

    async def _run(self, scope: Message) -> None:
        """Run the application, and close the socket in a way that tells how it ended."""
        try:
            await self._app(scope, self._inbox.get, self._send)
        except ClientGone:
            pass  # the application had something to say to a client that is gone: nobody's error
        except LiveError as error:
            self._ending = error
        except Exception:
            log.exception("server_error: the application of %s broke", scope["path"])
            self._ending = self._ending or LiveError("server_error")
        finally:
            self._inbox.close()
            self._take = None  # a timer that is cancelled, as that of Tornado's next ping, keeps this handler for 30 s
            if not self._decided.done():
                self._decided.set_result(False)
            if self._opened.done():
                ending = self._ending
                self.close(ending.kind.close if ending else 1000, ending.reason() if ending else None)

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._subprotocol = message.get("subprotocol")
            self._decided.set_result(True)
            await self._opened
        elif kind == "websocket.send":
            data = message.get("bytes")
            try:
                if data is not None:
                    await self._write(data)
                else:
                    await self.write_message(message["text"])
            except (WebSocketClosedError, StreamClosedError):
                raise ClientGone("the client is gone") from None
        elif kind == "websocket.close":
            if not self._decided.done():
                self._decided.set_result(False)
            else:
                self.close(message.get("code", 1000), message.get("reason") or None)

    async def _write(self, message: bytes) -> None:
        connection = self.ws_connection
        if connection is None or connection.is_closing() or connection.stream is None:
            raise WebSocketClosedError
        await connection.stream.write(wire_of(message))


class ClientGone(OSError):
    """`send` on a socket whose client is gone: an OSError, as ASGI 2.4 asks for."""
