"""The pages of a relay that is a service of JupyterHub: signing in at the hub, who is signed in, signing out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from jupyter_live.asgitypes import Application, Message, Receive, Send
from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.hub.client import Hub
from jupyter_live.hub.cookies import Cookies, Header, hub_session
from jupyter_live.hub.page import Page, refusal, signed_in

log = logging.getLogger(__name__)

WAITING = 200
"""Requests that may be here at once, each perhaps until the hub has answered; others are to come again."""


class HubSite:
    """Answers `/`, `/login/`, `/oauth_callback` and `/logout/`, and passes everything else on.

    `/login/?next=…` leads who is not signed in through the hub, and then, like who is, to `next`: an address of this
    host, or of one of the `origins`.
    """

    def __init__(self, application: Application, hub: Hub, cookies: Cookies, origins: Collection[str]) -> None:
        self._application = application
        self._hub = hub
        self._cookies = cookies
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._pages = {
            ("GET", "/"): self._enter,
            ("GET", "/login"): self._enter,
            ("GET", "/login/"): self._enter,
            ("GET", "/oauth_callback"): self._come_back,
            ("POST", "/logout/"): self._sign_out,
        }
        self._here = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        page = self._pages.get((scope.get("method", ""), scope["path"])) if scope["type"] == "http" else None
        if page is None:
            return await self._application(scope, receive, send)
        self._here += 1
        try:
            if self._here > WAITING:
                raise LiveError("not_ready", "too many at once")
            answer = await page(scope)
        except LiveError as error:
            log.warning("a page is refused: %s", error)
            answer = refusal(error)
        finally:
            self._here -= 1
        await answer.send(send, f"{self._hub.told.host} 'self'")

    async def _enter(self, scope: Message) -> Page:
        where = self._wanted(scope)
        token = self._cookies.session(scope)
        person = await self._hub.person(token, hub_session(scope)) if token else None
        if person is None:
            return self._lead_to_the_hub(scope, where)
        if where and "read" in person.permissions:
            return Page.leading_to(where)
        return self._told(person)

    def _lead_to_the_hub(self, scope: Message, where: str) -> Page:
        nonce = secrets.token_urlsafe(16)
        url, secret = self._hub.sign_in(nonce)
        return Page.leading_to(url, self._cookies.keep_state(scope, nonce, {"next": where, "secret": secret}))

    async def _come_back(self, scope: Message) -> Page:
        nonce, code = _argument(scope, "state"), _argument(scope, "code")
        kept = self._cookies.state(scope, nonce)
        if kept is None:  # somebody else's, or somebody has been led here to sign in as another one
            raise LiveError("unauthenticated", "not a sign-in that was begun in this browser")
        if not code:
            raise LiveError("forbidden", f"the hub says: {_argument(scope, 'error')!r:.100}")
        token = await self._hub.token(code, kept["secret"])
        person = await self._hub.person(token) if token else None
        if token is None or person is None:
            raise LiveError("unauthenticated", "the hub does not take its own code")
        log.info("%s signs in", person.identity.username)
        cookies = self._cookies.keep_session(scope, token), self._cookies.end_state(scope, nonce)
        if kept["next"] and "read" in person.permissions:
            return Page.leading_to(kept["next"], *cookies)
        return self._told(person, *cookies)

    async def _sign_out(self, scope: Message) -> Page:
        """Of the hub, too: else it would let them in again without a word."""
        if not _is_own_form(scope):
            raise LiveError("foreign_origin", "a form of another page")
        return Page.leading_to(self._hub.sign_out, self._cookies.end_session(scope))

    def _told(self, person: Person, *headers: Header) -> Page:
        return signed_in(person, f"{self._hub.told.prefix}logout/", *headers)

    def _wanted(self, scope: Message) -> str:
        """Where `next` leads, if that is somewhere we know; else nowhere."""
        url = _argument(scope, "next")
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        is_path = not parts.scheme and not parts.netloc and url.startswith("/")
        is_plain = url.isascii() and url.isprintable() and "\\" not in url and not url.startswith("//")
        return url if is_plain and (is_path or origin in self._origins | self._own(scope)) else ""

    def _own(self, scope: Message) -> set[str]:
        """The origins of this host: not that by http, where we are known to be reached by https."""
        host = _header(scope, b"host")
        return {f"https://{host}", *(() if self._hub.is_secure else (f"{scope.get('scheme', 'http')}://{host}",))}


def _is_own_form(scope: Message) -> bool:
    """Whether a form was sent from a page of this host. Every browser that keeps our cookie says so."""
    origin = urlsplit(_header(scope, b"origin")).netloc
    return bool(origin) and origin == _header(scope, b"host")


def _header(scope: Message, wanted: bytes) -> str:
    """A header in small letters; empty when there is none."""
    return next((value.decode("latin-1").lower() for name, value in scope["headers"] if name.lower() == wanted), "")


def _argument(scope: Message, name: str) -> str:
    values: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
    return values.get(name, [""])[0]
