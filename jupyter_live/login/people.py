"""Who opens a socket, by the cookie of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from jupyter_live.asgitypes import Message
from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity
from jupyter_live.login.settings import take

READ = "jupyter_live.view_document"
"""Django's permission, a user's own or a group's, to look at every document."""
WRITE = "jupyter_live.change_document"
"""The one to edit them, too."""


class People:
    """An `Identify`: None when there is no session, or its user is deleted or inactive.

    Raises LiveError `not_ready` when the database cannot be reached: who asks comes again.
    """

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        self._keys = keys

    async def __call__(self, scope: Message) -> Person | None:
        key = _session_key(scope)
        if key is None:
            return None
        take(self._keys())
        try:
            person: Person | None = await database_sync_to_async(_person)(key)
        except Error as error:
            raise LiveError("not_ready", f"the sessions cannot be read: {str(error).strip()}") from error
        return person


def _session_key(scope: Message) -> str | None:
    header = b"; ".join(value for name, value in scope["headers"] if name.lower() == b"cookie")
    key: str = parse_cookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() else None  # else none of Django's


def _person(key: str) -> Person | None:
    user = _user(SessionStore(key))
    if user is None:
        return None
    name = user.get_username()
    return Person(Identity(name, name, user.get_full_name()), permissions(user))


def permissions(user: Any) -> frozenset[str]:
    """What a user may do with every document: nothing, unless somebody has said so."""
    if user.has_perm(WRITE):
        return frozenset({"read", "write"})
    return frozenset({"read"} if user.has_perm(READ) else ())


def _user(session: SessionStore) -> Any:
    """The active user of a session.

    Not by `channels.auth.get_user`: that knows the first key only, and ends the sessions that were signed with another
    one; Django's own gives such a session another cookie, which a socket cannot set.
    """
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user: Any = load_backend(session[BACKEND_SESSION_KEY]).get_user(session[SESSION_KEY])
    if user is None:
        return None
    # By the password: who changes it ends the sessions of before.
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    told = session.get(HASH_SESSION_KEY, "")
    return user if any(constant_time_compare(told, each) for each in hashes) else None
