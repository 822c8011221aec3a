"""A client's copy of a history, which it hands in, and what becomes of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from jupyter_live.ids import Epoch


@dataclass(frozen=True, slots=True)
class Held:
    """A client's copy of a history, as updates.

    `base` is the document as the client last knew it to be in the file (b"" if it never did); `mine`, applied on top of
    it, gives all that the client has. `logged` is what of `mine` the server was known to have, where it is only for the
    rest that it is handed in.
    """

    epoch: Epoch
    base: bytes
    mine: bytes
    logged: bytes = b""

    @property
    def updates(self) -> list[bytes]:
        return [update for update in (self.base, self.mine) if update]

    @property
    def known(self) -> list[bytes]:
        """What the server was known to have."""
        return [update for update in (self.base, self.logged) if update]

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.base) + len(self.mine) + len(self.logged)

    def digest(self) -> bytes:
        """What tells it from any other copy. Takes 1 ms a megabyte."""
        parts = self.epoch.encode(), self.base, self.mine, self.logged
        return b"".join(hashlib.sha256(part).digest() for part in parts)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of it. `outcome` is the wire's: `adopted`, `merged` or `rebased`."""

    epoch: Epoch
    outcome: str
    changed: int = 0
    conflicts: tuple[dict[str, Any], ...] = ()
    copy: str | None = None
    """The file that the client's version was saved as, where it cannot be told what the client did."""
