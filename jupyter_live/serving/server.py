"""Daphne's server, with our requests and sockets, one task for each, and an end that tells everybody.

To be imported first of what uses Twisted: Daphne installs the asyncio reactor.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from daphne.server import Server as DaphneServer
from daphne.server import reactor, twisted_loop
from daphne.ws_protocol import WebSocketFactory
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.errors import LiveError
from jupyter_live.flag import Flag
from jupyter_live.health import DRAINING
from jupyter_live.serving.endpoint import Endpoint
from jupyter_live.serving.flow import ClientGone
from jupyter_live.serving.request import Requests
from jupyter_live.serving.websocket import CLOSE_TIMEOUT, WebSocket

KILL_TIMEOUT = 2.0  # seconds for applications to clean up when they are cancelled
BACKLOG = 1024  # connections not yet accepted: after a restart all come back at once (Twisted has 50)

LOOP: asyncio.AbstractEventLoop = twisted_loop

log = logging.getLogger(__name__)


class Server(DaphneServer):
    """Runs once in a process: a reactor cannot be started again."""

    def __init__(self, application: Application, endpoint: Endpoint) -> None:
        super().__init__(application, endpoints=[endpoint], **endpoint.options())
        self.endpoint = endpoint
        self.body_limit = endpoint.max_message_size
        self.inbox_limit = endpoint.inbox_limit
        self.is_draining = False
        self._changed = Flag()

    def listen(self) -> int:
        """Listen, and return the port. Raises OSError."""
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Requests(self)
        self.ws_factory = WebSocketFactory(self, server=self.server_name)
        self.ws_factory.protocol = WebSocket
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            closeHandshakeTimeout=CLOSE_TIMEOUT,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
            failByDrop=False,  # a code instead: 1009 for a message that is too large
        )
        self._port = reactor.listenTCP(self.endpoint.port, self.http_factory, BACKLOG, self.endpoint.host)
        return int(self._port.getHost().port)

    def run(self) -> None:
        """Serve until the reactor stops. (Daphne's own makes its own sockets and requests, and drops all errors.)"""
        globalLogBeginner.beginLoggingTo([_errors()], redirectStandardIO=False, discardBuffer=True)
        asyncio.set_event_loop(LOOP)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        reactor.run(installSignalHandlers=False)

    async def drain(self) -> None:
        """Listen no more. Who still comes in by an open connection is told that the server restarts."""
        self.is_draining = True
        await maybeDeferred(self._port.stopListening).asFuture(LOOP)

    def close_all(self) -> None:
        """Close every socket that is still open with 1012."""
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocket):
                ending = LiveError("restarting")
                protocol.close(ending.kind.close, ending.reason())

    async def quiet(self) -> None:
        """Until every application has ended and every socket is closed."""
        while any("disconnected" not in each or not _is_over(each) for each in self.connections.values()):
            self._changed.clear()
            await self._changed.wait()

    # what Daphne calls

    def create_application(self, protocol: Any, scope: Message) -> Any:
        scope["asgi"] = {"version": "3.0", "spec_version": "2.4"}
        scope["root_path"] = self.root_path  # not what a client has sent as `Daphne-Root-Path`
        is_secure = getattr(protocol, "client_scheme", None) in ("https", "wss")
        scope["scheme"] = {"http": "http", "websocket": "ws"}[scope["type"]] + "s" * is_secure
        scope["extensions"] = {DRAINING: {}} if self.is_draining else {}
        inbox = protocol.opened(scope)
        job = self._serve(protocol, scope, inbox.get)
        task = LOOP.create_task(job, name=f"asgi {scope['path']}")
        task.add_done_callback(lambda _: self._changed.set())
        self.connections[protocol]["application_instance"] = task
        return inbox

    def protocol_disconnected(self, protocol: Any) -> None:
        super().protocol_disconnected(protocol)
        self._changed.set()

    def kill_all_applications(self) -> Deferred[Any]:
        """The reactor stops. (Daphne's own fails where an application has ended, and waits for one that hangs.)"""
        self.close_all()
        tasks = [each["application_instance"] for each in self.connections.values() if not _is_over(each)]
        for task in tasks:
            task.cancel()
        return Deferred.fromFuture(LOOP.create_task(self._ended(tasks)))

    async def _ended(self, tasks: list[asyncio.Task[None]]) -> None:
        if tasks:
            await asyncio.wait(tasks, timeout=KILL_TIMEOUT)

    async def _serve(self, protocol: Any, scope: Message, receive: Receive) -> None:
        """Run one application, and have the connection end with it."""
        is_late = self.is_draining and scope["type"] == "websocket"
        application: Application = restarting if is_late else self.application
        failed = True
        try:
            await application(scope, receive, protocol.send)
            failed = False
        except ClientGone:
            failed = False  # it had something to say to a client that is gone: nobody's error
        except Exception:
            log.exception("server_error: the application of %s broke", scope["path"])
        finally:
            protocol.ended(failed)


def _errors() -> Any:
    """What has Twisted's errors logged by Python's logging."""
    observer: Any = STDLibLogObserver(__name__)
    level: Any = LogLevelFilterPredicate(LogLevel.error)
    return FilteringLogObserver(observer, [level])


def _is_over(connection: dict[str, Any]) -> bool:
    task = connection.get("application_instance")
    return task is None or bool(task.done())


async def restarting(scope: Message, receive: Receive, send: Send) -> None:
    """The application of a socket that comes too late: clients know what to make of 1012."""
    ending = LiveError("restarting")
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": ending.kind.close, "reason": ending.reason()})
