"""The lease port: which of several processes loads and saves the file of a document.

Implementations: `Alone` here, `log/leases.py` where processes share a database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jupyter_live.ids import DocumentId


class Leases(Protocol):
    """At any time one process at most holds the lease of a document.

    Who dies loses it after a while. Who holds one keeps it until `release`, or until `on_lost` hears that another
    process has it: then the database could not be reached for too long. Until that is known, `holds` is False.
    """

    async def take(self, document: DocumentId) -> bool:
        """Whether this process holds it now. Raises LiveError `log_failed` when that cannot be told."""

    def holds(self, document: DocumentId) -> bool:
        """Whether it surely does so at this moment: to be asked right before the file is written."""

    async def release(self, document: DocumentId) -> None:
        """Let another process have it. Harmless when it is not held; never raises."""

    async def close(self) -> None:
        """Release all."""

    on_lost: Callable[[DocumentId], None]
    """Called on the event loop."""


class Alone:
    """For a process that shares its database with no other."""

    def __init__(self) -> None:
        self.on_lost: Callable[[DocumentId], None] = lambda document: None

    async def take(self, document: DocumentId) -> bool:
        return True

    def holds(self, document: DocumentId) -> bool:
        return True

    async def release(self, document: DocumentId) -> None:
        pass

    async def close(self) -> None:
        pass


class Never(Alone):
    """For a process without files."""

    async def take(self, document: DocumentId) -> bool:
        return False

    def holds(self, document: DocumentId) -> bool:
        return False
