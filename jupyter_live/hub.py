"""People by JupyterHub: the bearers of its tokens, as far as the hub lets them use this service."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs

from jupyter_live.door import Message, Person
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity

SUBPROTOCOL = "jupyter-live.hub"
"""What a browser, which cannot send headers, offers: this, the token, and "jupyter-live", which is answered."""

WRITE = "custom:jupyter-live:write"
"""The hub's scope, defined in its configuration, of those who may edit; others with access may look."""
ADMIN = "admin:users"
"""Of the tokens with which an admin may do everything, also edit; one with fewer scopes does not get it."""

CACHED = 30  # seconds for which an answer of the hub counts: so long a revoked token opens further sockets
PATIENCE = 5.0  # seconds for the hub to answer

_VARIABLES = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_NAME")
_AUTHORIZATION = re.compile(r"(?:token|bearer) +(\S+)", re.IGNORECASE)
_POSSIBLE = re.compile(r"[!-~]{1,1000}")  # what can stand in the header in which the hub is asked
_SHOWN = ("name", "display_name", "initials", "avatar_url", "color")  # of a hub's `user_info`, which JupyterHub 6 has


class HubPeople:
    """An `Identify` that asks the hub whose a token is: in `Authorization`, in the subprotocols, or `?token=`.

    None for a socket that shows no token. Raises LiveError `unauthenticated` for one that the hub does not know,
    `forbidden` for one without the scope `access:services!service=<service>`, and `not_ready` when the hub does not
    answer. No token reaches a log from here; addresses reach those of proxies, so `?token=` is the last choice.
    """

    def __init__(self, api_url: str, api_token: str, service: str) -> None:
        try:  # Only here: it is an extra, and takes 1 s.
            from jupyterhub.services.auth import HubAuth, check_scopes
        except ImportError as error:
            raise LiveError("not_started", f"{error}; install jupyter-live[hub]") from error
        access = {f"access:services!service={service}"}
        self._hub = HubAuth(api_url=api_url, api_token=api_token, cache_max_age=CACHED, access_scopes=access)
        self._check_scopes = check_scopes

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> HubPeople:
        """From what a hub tells its services. Raises LiveError `not_started` when something of it is missing."""
        if missing := [name for name in _VARIABLES if not environment.get(name)]:
            raise LiveError("not_started", f"{', '.join(missing)} must be set for a service of JupyterHub")
        return cls(*(environment[name] for name in _VARIABLES))

    async def __call__(self, scope: Message) -> Person | None:
        token = token_of(scope)
        if token is None:
            return None
        if not _POSSIBLE.fullmatch(token):
            raise LiveError("unauthenticated", "no token that a hub could have given")
        model = await self._ask(token)
        if model is None:
            raise LiveError("unauthenticated", "the hub does not know the token")
        return self._person(model)

    async def _ask(self, token: str) -> dict[str, Any] | None:
        """The hub's model of the user or service that has the token."""
        try:
            asking = self._hub.user_for_token(token, sync=False)
            model: dict[str, Any] | None = await asyncio.wait_for(asking, PATIENCE)
        except Exception as error:  # the library has a dozen ways to fail, two HTTP clients' among them
            raise LiveError("not_ready", f"the hub does not answer: {type(error).__name__} {error}") from error
        return model

    def _person(self, model: Mapping[str, Any]) -> Person:
        scopes = model.get("scopes") or []
        if not self._has(scopes, *self._hub.access_scopes):
            raise LiveError("forbidden", f"{model['name']} lacks {', '.join(self._hub.access_scopes)}")
        permissions = {"read", "write"} if self._has(scopes, WRITE, ADMIN) else {"read"}
        told = model.get("user_info") or {}
        shown = {key: told[key] for key in _SHOWN if isinstance(told.get(key), str)}
        return Person(Identity(model["name"], **shown), frozenset(permissions))

    def _has(self, scopes: Collection[str], *wanted: str) -> bool:
        """Whether one of the wanted is among the scopes, or follows from them."""
        return bool(self._check_scopes(set(wanted), scopes))


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
