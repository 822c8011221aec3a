"""A relay's dealings with its hub, as a service of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.hub import READ, WRITE
from jupyter_live.ids import Identity

T = TypeVar("T")

ADMIN = "admin:users"
"""Of the tokens with which an admin may do everything, also edit; one with fewer scopes does not get it."""

CACHED = 30  # seconds for which an answer of the hub counts: so long a revoked token opens further sockets
PATIENCE = 5.0  # seconds for the hub to answer

_NEEDED = ("API_URL", "API_TOKEN", "SERVICE_NAME")
_SHOWN = ("name", "display_name", "initials", "avatar_url", "color")  # of a hub's `user_info`, which JupyterHub 6 has


@dataclass(frozen=True, slots=True)
class Told:
    """What a hub tells its services. `prefix` is where the service is, for browsers; it begins and ends with "/".

    `client` is the service's OAuth client id; without one nobody signs in there, and only tokens count.
    """

    api_url: str
    api_token: str
    service: str
    prefix: str = "/"
    client: str = ""
    callback: str = ""
    """Where the hub sends people back to; by default a path below the prefix."""
    host: str = ""
    """The hub's origin where it is not the service's own."""
    base: str = "/"
    """The path of the hub's proxy."""
    public_url: str = ""
    """The service's address, where the hub knows it."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Told:
        """From the environment of a service. Raises LiveError `not_started` when something of it is missing."""

        def told(name: str) -> str:
            return environment.get(f"JUPYTERHUB_{name}", "")

        if missing := [f"JUPYTERHUB_{name}" for name in _NEEDED if not told(name)]:
            raise LiveError("not_started", f"{', '.join(missing)} must be set for a service of JupyterHub")
        prefix = told("SERVICE_PREFIX")
        return cls(
            api_url=told("API_URL"),
            api_token=told("API_TOKEN"),
            service=told("SERVICE_NAME"),
            prefix=f"/{prefix.strip('/')}/".replace("//", "/"),
            client=told("CLIENT_ID") if prefix else "",
            callback=told("OAUTH_CALLBACK_URL"),
            host=told("HOST"),
            base=told("BASE_URL") or "/",
            public_url=told("PUBLIC_URL"),
        )


class Hub:
    """Asks the hub. Raises LiveError `not_ready` when it does not answer, wherever that may be."""

    def __init__(self, told: Told) -> None:
        try:  # Only here: it is an extra, and takes 1 s.
            from jupyterhub.services.auth import HubOAuth, check_scopes
        except ImportError as error:
            raise LiveError("not_started", f"{error}; install jupyter-live[hub]") from error
        self.told = told
        self.access = f"access:services!service={told.service}"
        base = told.base.rstrip("/")
        self._hub = HubOAuth(
            api_url=told.api_url,
            api_token=told.api_token,
            hub_host=told.host,
            hub_prefix=f"{base}/hub/",
            base_url=told.prefix,
            oauth_client_id=told.client or "none",
            oauth_redirect_uri=told.callback or f"{told.prefix}oauth_callback",
            cache_max_age=CACHED,
            access_scopes={self.access},
        )
        self._check_scopes = check_scopes

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Hub:
        """As the environment tells. Raises LiveError `not_started`."""
        return cls(Told.read(environment))

    @property
    def is_secure(self) -> bool:
        """Whether the service is known to be reached by https alone."""
        return urlsplit(self.told.public_url).scheme == "https"

    async def person(self, token: str, session: str = "") -> Person | None:
        """Who has a token, with permission for nothing where the hub gives none; None when it does not know the token.

        `session` is the browser's with the hub: another one makes an answer of before worth nothing.
        """
        model = await self._asked(self._hub.user_for_token(token, session_id=session, sync=False))
        return self._person(model) if model is not None else None

    def sign_in(self, state: str) -> tuple[str, str]:
        """Where a browser signs in, and the secret with which the code that it brings is redeemed, if there is one."""
        told, secret = {"state": state}, ""
        if hasattr(self._hub, "generate_pkce_code_challenge"):  # since JupyterHub 6
            secret, told["code_challenge"], told["code_challenge_method"] = self._hub.generate_pkce_code_challenge()
        return f"{self._hub.login_url}&{urlencode(told)}", secret

    async def token(self, code: str, secret: str) -> str | None:
        """The token for a code that a browser has brought; None when the hub refuses the code."""
        more = {"code_verifier": secret} if secret else {}
        try:
            return str(await self._asked(self._hub.token_for_code(code, sync=False, **more)))
        except LiveError as error:
            # The library raises Tornado's error 500 for what the hub has refused, too.
            if str(getattr(error.__cause__, "log_message", "")).startswith("Failed to check authorization: "):
                return None
            raise

    @property
    def sign_out(self) -> str:
        """Where a browser signs out of the hub, which then forgets the tokens of its session."""
        return f"{self.told.host}{self._hub.hub_prefix}logout"

    async def _asked(self, asking: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(asking, PATIENCE)
        except Exception as error:  # the library has a dozen ways to fail, two HTTP clients' among them
            raise LiveError("not_ready", f"the hub does not answer: {type(error).__name__} {error}") from error

    def _person(self, model: Mapping[str, Any]) -> Person:
        told = model.get("user_info") or {}
        shown = {key: told[key] for key in _SHOWN if isinstance(told.get(key), str)}
        return Person(Identity(model["name"], **shown), self._permissions(model.get("scopes") or []))

    def _permissions(self, scopes: Collection[str]) -> frozenset[str]:
        """What somebody with these scopes may do with every document: nothing, unless the hub says otherwise."""
        if not self._has(scopes, self.access):
            return frozenset()
        if self._has(scopes, self._here(WRITE), ADMIN):
            return frozenset({"read", "write"})
        return frozenset({"read"} if self._has(scopes, self._here(READ)) else ())

    def _here(self, scope: str) -> str:
        """A scope as far as it is about this service: what one without a filter has, too."""
        return f"{scope}!service={self.told.service}"

    def _has(self, scopes: Collection[str], *wanted: str) -> bool:
        """Whether one of the wanted is among the scopes, or follows from them."""
        return bool(self._check_scopes(set(wanted), scopes))
