"""Looks whether those who are in may still be: a socket lasts for hours, and its session may end meanwhile."""

from __future__ import annotations

import asyncio
import logging

from jupyter_live.door import Application, Message, Receive, Send
from jupyter_live.errors import LiveError
from jupyter_live.login.people import People

LOOK = 60.0
"""Seconds between two looks at a session: so long somebody who was signed out, deleted or demoted goes on."""

log = logging.getLogger(__name__)


class Watch:
    """Closes sockets that came in by a session: with 4401 when it is over, with 4501 when its user may do other things.

    Others it leaves alone. The application must be one that ends when its socket is closed under it.
    """

    def __init__(self, application: Application, people: People) -> None:
        self._application = application
        self._people = people

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if not self._people.has_let_in(scope):
            return await self._application(scope, receive, send)
        watching = asyncio.create_task(self._watch(scope, send))
        try:
            await self._application(scope, receive, send)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, scope: Message, send: Send) -> None:
        error = None
        while error is None:
            await asyncio.sleep(LOOK)
            error = await self._wrong(scope)
        log.info("closing the socket of %s: the session says otherwise by now", scope["user"].username)
        await send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})

    async def _wrong(self, scope: Message) -> LiveError | None:
        try:
            person = await self._people(scope)
        except LiveError:  # the database is away: what was true before may still be
            return None
        if person is None or person.identity.username != scope["user"].username:
            return LiveError("unauthenticated")
        return None if person.permissions == scope["permissions"] else LiveError("ticket_expired")
