"""Tickets: what a process that has authenticated somebody tells another one about them, signed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core import signing

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Identity

log = logging.getLogger(__name__)

LASTS = 300.0
"""Seconds for which a ticket lets its bearer in."""
RENEWED_AFTER = 120.0
"""Seconds after which a socket is given a new one, so that it can come back when its server, or ours, is gone."""
KEY_LENGTH = 32  # characters at least: a key that can be guessed opens every document

_SALT = "jupyter-live.ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets one person into one history of one document, with these permissions on contents ("read", "write")."""

    identity: Identity
    permissions: frozenset[str]
    document: DocumentId
    epoch: Epoch


class Tickets:
    """Issues tickets, and reads those of all who share a key. Of `keys` the first one signs, all are believed."""

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        self._keys = keys

    def issue(self, ticket: Ticket) -> str:
        """The ticket as text that may stand in a header: letters, digits and `-_.`, some 400 of them."""
        told = {**asdict(ticket), "permissions": sorted(ticket.permissions)}
        signed: str = self._signer().sign_object(told, compress=True)
        return signed

    def read(self, text: str) -> Ticket:
        """What a ticket says. Raises LiveError `ticket_expired`, or `unauthenticated` when it is none of ours."""
        try:
            told: dict[str, Any] = self._signer().unsign_object(text, max_age=LASTS)
        except signing.SignatureExpired as error:
            raise LiveError("ticket_expired", str(error)) from error
        except (signing.BadSignature, ValueError) as error:
            raise LiveError("unauthenticated", f"no ticket of ours: {error}") from error
        told |= {"identity": Identity(**told["identity"]), "permissions": frozenset(told["permissions"])}
        return Ticket(**told)

    def _signer(self) -> signing.TimestampSigner:
        key, *older = self._keys()
        return signing.TimestampSigner(key=key, fallback_keys=older, sep=".", salt=_SALT)


class KeyFile:
    """The keys in a file, one a line; who replaces it need not restart anybody.

    To rotate: put the new key below the old one everywhere, then above it, then take the old one out. Raises LiveError
    `not_started` for a file that is of no use; later such a file is told, and the keys from before go on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._keys = self._read()

    def __call__(self) -> Sequence[str]:
        try:
            if self._path.stat().st_mtime_ns != self._seen:
                self._keys = self._read()
        except (OSError, LiveError) as error:
            log.error("the keys from before go on: %s", error)
        return self._keys

    def _read(self) -> list[str]:
        try:
            seen, text = self._path.stat().st_mtime_ns, self._path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise LiveError("not_started", f"the keys cannot be read: {error}") from error
        keys = [line.strip() for line in text.splitlines() if line.strip()]
        if not keys or any(len(key) < KEY_LENGTH for key in keys):
            raise LiveError(
                "not_started", f"{self._path} must hold keys of at least {KEY_LENGTH} characters, one a line"
            )
        self._seen = seen
        return keys
