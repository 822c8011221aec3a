"""What can be configured, as one frozen value. `app.py` builds it from traits; nobody else reads settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes in bytes, times in seconds."""

    database: Path
    """The SQLite file of the log, where `database_url` is empty."""
    database_url: str = ""
    """`postgresql://…`: the database of the log that several processes share."""
    layer_url: str = ""
    """`redis://…`: the channel layer by which processes hear of each other; empty within one process."""
    live: bool = True
    """Whether documents are edited together; else each page has its own, as without us."""
    save_delay: float = 1.0
    """Quiet time after the last change before the file is saved."""
    save_delay_max: float = 5.0
    """A file is saved at most this long after its first unsaved change, however fast changes come (`files/rate.py`)."""
    idle_delay: float = 60.0
    """How long a room without members stays in memory."""
    max_message_size: int = 128 * 2**20
    max_file_size: int = 256 * 2**20
    outbox_limit: int = 4 * 2**20
    """Queued for one slow member before its deltas are dropped for one difference later."""
    inbox_limit: int = 2**20
    """Received from one member and not yet handled before its socket is no longer read."""
    ping_interval: float = 30.0
    history_days: float = 30.0
    """How long the log keeps what it has of a document that nobody opens; 0 is for ever."""
    drain_timeout: float = 20.0
    """At shutdown: how long saving all open documents may take."""


def redacted(url: str) -> str:
    """An address as logs may show it: without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()
