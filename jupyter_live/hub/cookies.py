"""What a browser keeps of signing in with the hub: signed by the keys of tickets, so that every relay believes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.cookies import SimpleCookie
from typing import Any

from django.core import signing
from django.http import parse_cookie

from jupyter_live.asgitypes import Message

Header = tuple[bytes, bytes]

SESSION = "jupyter-live-hub"
STATE = "jupyter-live-hub-state"
SESSION_LASTS = 14 * 24 * 3600
"""Seconds, as long as a hub's own cookie by default; the token in it may end before."""
STATE_LASTS = 600
"""Seconds in which somebody may sign in at the hub, after having been sent there."""


class Cookies:
    """Of one service, below its `prefix`. HttpOnly, SameSite=Lax, and Secure where the page came by https."""

    def __init__(self, keys: Callable[[], Sequence[str]], prefix: str, is_secure: bool = False) -> None:
        self._keys = keys
        self._prefix = prefix
        self._is_secure = is_secure

    def session(self, scope: Message) -> str | None:
        """The hub's token for this service, of somebody who has signed in."""
        token = self._read(scope, SESSION, SESSION_LASTS)
        return token if isinstance(token, str) else None

    def keep_session(self, scope: Message, token: str) -> Header:
        return self._write(scope, SESSION, token, SESSION_LASTS)

    def end_session(self, scope: Message) -> Header:
        return self._set(scope, SESSION, "", 0)

    def state(self, scope: Message, nonce: str) -> dict[str, str] | None:
        """What was kept when this browser was sent to the hub with this nonce; None when it was not, or long ago."""
        found = self._read(scope, _state_name(nonce), STATE_LASTS)
        return found if isinstance(found, dict) and found.get("nonce") == nonce else None

    def keep_state(self, scope: Message, nonce: str, told: dict[str, str]) -> Header:
        return self._write(scope, _state_name(nonce), {**told, "nonce": nonce}, STATE_LASTS)

    def end_state(self, scope: Message, nonce: str) -> Header:
        return self._set(scope, _state_name(nonce), "", 0)

    def _read(self, scope: Message, name: str, lasts: int) -> Any:
        try:
            return self._signer(name).unsign_object(cookies_of(scope).get(name, ""), max_age=lasts)
        except (signing.BadSignature, ValueError):  # none, too old, or none of ours
            return None

    def _write(self, scope: Message, name: str, value: Any, lasts: int) -> Header:
        return self._set(scope, name, self._signer(name).sign_object(value), lasts)

    def _set(self, scope: Message, name: str, value: str, lasts: int) -> Header:
        cookie: SimpleCookie = SimpleCookie({name: value})
        secure = self._is_secure or scope.get("scheme") == "https"
        told = {"path": self._prefix, "httponly": True, "samesite": "Lax", "max-age": lasts, "secure": secure}
        for attribute, value_of in told.items():
            cookie[name][attribute] = value_of
        return b"set-cookie", cookie[name].OutputString().encode("latin-1")

    def _signer(self, name: str) -> signing.TimestampSigner:
        key, *older = self._keys()
        return signing.TimestampSigner(key=key, fallback_keys=older, sep=".", salt=f"jupyter-live.{name}")


def cookies_of(scope: Message) -> dict[str, str]:
    header = b"; ".join(value for name, value in scope["headers"] if name.lower() == b"cookie")
    found: dict[str, str] = parse_cookie(header.decode("latin-1"))
    return found


def hub_session(scope: Message) -> str:
    """The id of the browser's session with the hub, which has its cookie where everything below the proxy sees it."""
    return cookies_of(scope).get("jupyterhub-session-id", "")


def _state_name(nonce: str) -> str:
    """One for each: somebody may sign in in two tabs at once. A name that can stand in a header, whatever was sent."""
    return f"{STATE}-{nonce[:8]}" if nonce.isascii() and nonce.replace("-", "").replace("_", "").isalnum() else STATE
