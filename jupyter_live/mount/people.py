"""People as Jupyter's identity provider knows them: the names of guests, and what somebody changes of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth import IdentityProvider, User

from jupyter_live.ids import Identity

if TYPE_CHECKING:
    from jupyter_server.auth.identity import UpdatableField

LIMIT = 100
"""Characters of a name. Everybody who is in a document is told it, and it is kept in a cookie of 4 kB."""
ADDRESS_LIMIT = 2000  # characters of a picture's address

REMEMBERED = 32
"""Names that were given last and are not given again: whoever got one is not connected yet. Jupyter has 57."""
TRIES = 100


def identity_of(user: Any) -> Identity:
    """A user of Jupyter's as documents know people."""
    return Identity(
        username=user.username,
        name=user.name or "",
        display_name=user.display_name or "",
        initials=user.initials or "",
        avatar_url=user.avatar_url,
        color=user.color,
    )


class People:
    """Stands between Jupyter and its identity provider.

    Guests, who come with a token and are known by nothing else, get names that nobody else has: `here` tells those of
    everyone who is connected. `changed` hears when somebody changes their own name, as `PATCH api/me` does.
    """

    def __init__(
        self, provider: IdentityProvider, here: Callable[[], Collection[str]], changed: Callable[[Identity], None]
    ) -> None:
        self._here = here
        self._changed = changed
        self._given: deque[str] = deque(maxlen=REMEMBERED)
        self._generate = provider.generate_anonymous_user
        self._update = provider.update_user
        self._updatable = provider.updatable_fields
        # There is no event for either, and a provider of another class may be configured.
        if type(provider).generate_anonymous_user is IdentityProvider.generate_anonymous_user:
            provider.generate_anonymous_user = self._guest  # type: ignore[method-assign]
        provider.update_user = self._renamed  # type: ignore[method-assign]

    def _guest(self, handler: Any) -> User:
        taken = {*self._here(), *self._given}
        user = self._generate(handler)
        for _ in range(TRIES):
            if user.name not in taken:
                break
            user = self._generate(handler)
        else:
            user.name = next(name for n in count(2) if (name := f"{user.name} {n}") not in taken)
            user.display_name = user.name
        self._given.append(user.name)
        return user

    def _renamed(self, handler: Any, user_data: dict[UpdatableField, str]) -> User:
        """Raises ValueError, which Jupyter answers as a bad request, for what cannot be anybody's name."""
        changes = _checked(user_data)
        # What goes with it: the others see the display name, and the initials.
        name = changes.get("display_name") or changes.get("name", "")
        along = {"display_name": name, "initials": _initials(name)} if name else {}
        allowed = {field: text for field, text in along.items() if field in self._updatable}
        user = self._update(handler, cast("dict[UpdatableField, str]", {**allowed, **changes}))
        self._changed(identity_of(user))
        return user


def _checked(changes: Any) -> dict[str, str]:
    if not isinstance(changes, dict):
        raise ValueError("what to change must be an object")
    for field, value in changes.items():
        limit = ADDRESS_LIMIT if field == "avatar_url" else LIMIT
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError(f"{field} must be a text of at most {limit} characters")
        if field in ("name", "display_name") and not value.strip():
            raise ValueError(f"{field} must not be empty")
    return {field: value.strip() for field, value in changes.items()}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()
