"""Who may pass at a relay: the bearers of tickets, of pages of the right origin."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jupyter_live.errors import LiveError
from jupyter_live.tickets import Ticket, Tickets

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)

PROTOCOL = "jupyter-live"
"""The subprotocol that a client offers together with its ticket: not in the address, which proxies write into logs."""


class Door:
    """Lets sockets to the application, with `user` and `permissions` in their scope, that show a ticket for their room.

    `origins`: of pages elsewhere that may ask; a page of this server always may, and who is no page. "*" is anybody.
    A new ticket for a socket that is in is what `renew` in its scope gives.
    """

    def __init__(self, application: Application, tickets: Tickets, prefix: str, origins: Collection[str]) -> None:
        self._application = application
        self._tickets = tickets
        self._prefix = prefix
        self._origins = {origin.lower().rstrip("/") for origin in origins}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self._answer_not_found(send)
        try:
            ticket = self._admitted(scope)
        except LiveError as error:
            log.warning("a socket is refused: %s", error)
            return await _turn_away(error, receive, send)
        scope = {**scope, "user": ticket.identity, "permissions": ticket.permissions, "renew": self._renew(ticket)}
        await self._application(scope, receive, _with_protocol(send))

    def _admitted(self, scope: Message) -> Ticket:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_origin_allowed(headers.get(b"origin", ""), headers.get(b"host", "")):
            raise LiveError("foreign_origin", headers[b"origin"])
        offered = scope.get("subprotocols") or []
        if len(offered) < 2 or offered[0] != PROTOCOL:
            raise LiveError("unauthenticated", "no ticket")
        ticket = self._tickets.read(offered[1])
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

    def _renew(self, ticket: Ticket) -> Callable[[], str]:
        return lambda: self._tickets.issue(ticket)

    async def _answer_not_found(self, send: Send) -> None:
        body = b'{"code": "unknown_endpoint", "message": "Only sockets with a ticket are served here."}'
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _turn_away(error: LiveError, receive: Receive, send: Send) -> None:
    """Accept and close: of a handshake that fails a browser hides the reason."""
    await receive()
    await _with_protocol(send)({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})


def _with_protocol(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "websocket.accept":
            message = {**message, "subprotocol": PROTOCOL}
        await send(message)

    return sending
