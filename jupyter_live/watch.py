"""Looks whether those who are in may still be: a socket lasts for hours, and what let it in may end meanwhile."""

from __future__ import annotations

import asyncio
import logging

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.door import IDENTIFY, identified
from jupyter_live.errors import LiveError

LOOK = 60.0
"""Seconds between two looks: so long somebody who was signed out, deleted or demoted goes on."""

log = logging.getLogger(__name__)


class Watch:
    """Closes sockets that came in without a ticket: with 4401 when they would not be known any more, with 4403 when
    they may do nothing any more, with 4501 when they may do other things.

    The application must be one that ends when its socket is closed under it.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if IDENTIFY not in scope:
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
        log.info("closing the socket of %s, who may not be here any more: %s", scope["user"].username, error.code)
        await send({"type": "websocket.close", "code": error.kind.close, "reason": error.reason()})

    async def _wrong(self, scope: Message) -> LiveError | None:
        try:
            person = await identified(scope[IDENTIFY], scope)
        except LiveError as error:  # unless who could tell is away: what was true before may still be
            return None if error.code == "not_ready" else error
        if person is None or person.identity.username != scope["user"].username:
            return LiveError("unauthenticated")
        return None if person.permissions == scope["permissions"] else LiveError("ticket_expired")
