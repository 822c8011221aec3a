"""Daphne's HTTP request, made to wait for slow clients, to bound what it takes, and to end as its application does."""

from __future__ import annotations

import asyncio
from typing import Any, BinaryIO

from daphne.http_protocol import HTTPFactory, WebRequest

from jupyter_live.asgitypes import Message
from jupyter_live.serving.flow import ClientGone, Gate

TOO_BIG = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Request(WebRequest):
    """One request. The server gives it `body_limit`, in bytes."""

    error_template = "<!doctype html><title>%(title)s</title><h1>%(title)s</h1><p>%(body)s</p>"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._gate = Gate()
        self._is_refused = False
        super().__init__(*args, **kwargs)
        self._parsePOSTFormSubmission = False  # Twisted's forms, of which one of 100 MB makes gigabytes

    # for the server

    def opened(self, scope: Message) -> Body:
        """The application is about to begin: return what it receives from."""
        self.registerProducer(self._gate, True)
        return Body(self.content)

    async def send(self, message: Message) -> None:
        """The application's `send`: returns when there is room for more. ClientGone when nobody is there any more."""
        if self.finished:
            return
        if self.channel is None:
            raise ClientGone("the client is gone")
        self.server.check_headers_type(message)
        self.handle_reply(message)
        await self._gate.wait()

    def ended(self, failed: bool) -> None:
        """The application has ended, maybe before its response did."""
        if self.finished or self.channel is None:
            return
        if self._response_started:
            self.channel.transport.abortConnection()  # half a response must not look whole
        else:
            self.basic_error(500, b"Internal Server Error", "The server met an error. It is in the server's log.")

    # what Twisted calls

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a piece of the body. Twisted would take any size, on disk, and Daphne then in memory."""
        if self._is_refused:
            return
        if self.content.tell() + len(data) <= self.server.body_limit:
            super().handleContentChunk(data)
        else:
            self._is_refused = True
            self.channel.transport.write(TOO_BIG)
            self.channel.loseConnection()

    def process(self) -> Any:
        return None if self._is_refused else super().process()

    def finish(self) -> None:
        self._let_go()
        super().finish()

    def connectionLost(self, reason: Any) -> None:
        self._gate.open()
        super().connectionLost(reason)

    def _let_go(self) -> None:
        self._gate.open()
        if self.producer is not None:
            self.unregisterProducer()


class Body:
    """What an application receives, read when it asks from the file that Twisted has made.

    Daphne queues all of it before the application can say who may send so much. `put_nowait` is what it calls.
    """

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._at = 0
        self._messages: asyncio.Queue[Message] = asyncio.Queue()

    def put_nowait(self, message: Message) -> None:
        if "body" in message:
            message["body"] = len(message["body"])
        self._messages.put_nowait(message)

    async def get(self) -> Message:
        message = await self._messages.get()
        if "body" not in message:
            return message
        if self._content.closed:  # the connection is lost, or the response complete
            return {"type": "http.disconnect"}
        self._content.seek(self._at)
        self._at += message["body"]
        return {**message, "body": self._content.read(message["body"])}


class Requests(HTTPFactory):
    """Makes them, where Daphne makes its own."""

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol
