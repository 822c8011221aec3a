"""Who may pass at a relay: the bearers of tickets, of pages of the right origin."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity
from jupyter_live.tickets import Ticket, Tickets

log = logging.getLogger(__name__)

PROTOCOL = "jupyter-live"
"""The subprotocol that a client offers together with its ticket: not in the address, which proxies write into logs."""


class Person(NamedTuple):
    """Somebody who has been authenticated, and what they may do with contents ("read", "write")."""

    identity: Identity
    permissions: frozenset[str]


Identify = Callable[[Message], Awaitable["Person | None"]]
"""Tells who opens a socket, by its scope; None when it is nobody that is known here. Raises LiveError to refuse."""

IDENTIFY = "jupyter_live.identify"
"""Key in the scope of a socket that came in without a ticket: what knew its person."""


async def identified(identify: Identify, scope: Message) -> Person | None:
    """Who opens a socket. Raises LiveError `forbidden` for somebody who may not even look.

    A ticket is for one document; what is found out here is for all of them, so it is nothing unless somebody said so.
    """
    person = await identify(scope)
    if person is not None and "read" not in person.permissions:
        raise LiveError("forbidden", f"{person.identity.username} may open no documents here")
    return person


class Door:
    """Lets sockets to the application, with `user` and `permissions` in their scope, that show a ticket for their room.

    Who shows none is asked for by the `others`, one after the other: other ways to know people, of whom those come in
    who may at least look. `origins`: of pages
    elsewhere that may ask; a page of this server always may, and who is no page. "*" is anybody. A new ticket for a
    socket that is in is what `renew` in its scope gives. `check` raises LiveError for whom nothing at all is served.
    """

    def __init__(
        self,
        application: Application,
        tickets: Tickets,
        prefix: str,
        origins: Collection[str],
        others: Sequence[Identify] = (),
        check: Callable[[Message], None] = lambda scope: None,
    ) -> None:
        self._check = check
        self._application = application
        self._tickets = tickets
        self._prefix = prefix
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._others = others

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self._answer_not_found(send)
        try:
            self._check(scope)
            admitted = await self._admitted(scope)
        except LiveError as error:
            log.warning("a socket is refused: %s", error)
            return await _turn_away(error, scope, receive, send)
        await self._application({**scope, **admitted}, receive, _with_protocol(scope, send))

    async def _admitted(self, scope: Message) -> Message:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_origin_allowed(headers.get(b"origin", ""), headers.get(b"host", "")):
            raise LiveError("foreign_origin", headers[b"origin"])
        if not scope["path"].startswith(f"/{self._prefix}/room/"):
            raise LiveError("unknown_endpoint", scope["path"])
        offered = scope.get("subprotocols") or []
        if len(offered) > 1 and offered[0] == PROTOCOL:
            ticket = self._with_ticket(scope, offered[1])
            return {"user": ticket.identity, "permissions": ticket.permissions, "renew": self._renew(ticket)}
        for identify in self._others:
            if person := await identified(identify, scope):
                return {"user": person.identity, "permissions": person.permissions, IDENTIFY: identify}
        raise LiveError("unauthenticated", "no ticket")

    def _with_ticket(self, scope: Message, text: str) -> Ticket:
        ticket = self._tickets.read(text)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["path"] != f"/{self._prefix}/room/{ticket.document}":
            raise LiveError("forbidden", f"a ticket for {ticket.document} at {scope['path']}")
        if query.get("sessionId") != [ticket.epoch]:
            raise LiveError("forbidden", f"a ticket for another history of {ticket.document}")
        return ticket

    def _is_origin_allowed(self, origin: str, host: str) -> bool:
        origin = origin.lower()
        if not origin or "*" in self._origins or origin in self._origins:
            return True
        return urlsplit(origin).netloc == host.lower()

    def _renew(self, ticket: Ticket) -> Callable[[Identity], str]:
        return lambda identity: self._tickets.issue(replace(ticket, identity=identity))

    async def _answer_not_found(self, send: Send) -> None:
        body = b'{"code": "unknown_endpoint", "message": "Only sockets with a ticket are served here."}'
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _turn_away(error: LiveError, scope: Message, receive: Receive, send: Send) -> None:
    """Accept and close: of a handshake that fails a browser hides the reason."""
    await receive()
    await _with_protocol(scope, send)({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})


def _with_protocol(scope: Message, send: Send) -> Send:
    """Answer the subprotocol of whoever offers it: a browser drops a connection that does not."""
    if PROTOCOL not in (scope.get("subprotocols") or []):
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "websocket.accept":
            message = {**message, "subprotocol": PROTOCOL}
        await send(message)

    return sending
