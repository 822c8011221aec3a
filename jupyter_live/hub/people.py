"""Who opens a socket, by a token of JupyterHub or by the cookie of who has signed in with the hub."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from jupyter_live.asgitypes import Message
from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.hub.client import Hub
from jupyter_live.hub.cookies import Cookies, hub_session

SUBPROTOCOL = "jupyter-live.hub"
"""What a browser, which cannot send headers, offers: this, the token, and "jupyter-live", which is answered."""

_AUTHORIZATION = re.compile(r"(?:token|bearer) +(\S+)", re.IGNORECASE)
_POSSIBLE = re.compile(r"[!-~]{1,1000}")  # what can stand in the header in which the hub is asked


class HubPeople:
    """An `Identify` that asks the hub whose a token is: in `Authorization`, the subprotocols, `?token=`, or a cookie.

    None for a socket that shows no token. Raises LiveError `unauthenticated` for one that the hub does not know (any
    more), and `not_ready` when the hub does not answer. No token reaches a log from here; addresses reach those of
    proxies, so `?token=` is the last choice.
    """

    def __init__(self, hub: Hub, cookies: Cookies) -> None:
        self._hub = hub
        self._cookies = cookies

    async def __call__(self, scope: Message) -> Person | None:
        if (token := token_of(scope)) is not None:
            session = ""
        elif (token := self._cookies.session(scope)) is not None:
            session = hub_session(scope)
        else:
            return None
        if not _POSSIBLE.fullmatch(token):
            raise LiveError("unauthenticated", "no token that a hub could have given")
        person = await self._hub.person(token, session)
        if person is None:
            raise LiveError("unauthenticated", "the hub does not know the token")
        return person


def token_of(scope: Message) -> str | None:
    """The token that a socket shows, if it shows one."""
    for name, value in scope["headers"]:
        if name.lower() == b"authorization" and (found := _AUTHORIZATION.fullmatch(value.decode("latin-1"))):
            return found[1]
    offered = scope.get("subprotocols") or []
    if len(offered) > 1 and offered[0] == SUBPROTOCOL:
        return str(offered[1])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return query["token"][0] if "token" in query else None
