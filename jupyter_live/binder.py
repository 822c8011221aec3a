"""Servers that a BinderHub started: everything on them is gone when they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MYBINDER = "mybinder.org"
AGE = 6 * 3600
"""Seconds after which mybinder.org ends a server, whatever happens there."""
IDLE = 10 * 60
"""Seconds without traffic after which mybinder.org ends a server. Open pages of documents make some all the time."""


def temporary(environ: Mapping[str, str], started: float) -> dict[str, Any] | None:
    """What pages are told of a server that a BinderHub started (at `started`, in seconds since 1970); None for others.

    `host` is where it was launched, `repo` what from. `ends` (milliseconds since 1970) and `idle` (seconds) are null
    for a BinderHub whose limits are not known. BinderHub sets these variables, and no other hub does.
    """
    host = urlsplit(environ.get("BINDER_LAUNCH_HOST", "")).hostname or ""
    repo = environ.get("BINDER_REPO_URL", "")
    if not host and not repo:
        return None
    is_mybinder = host == MYBINDER or host.endswith(f".{MYBINDER}")
    return {
        "host": host,
        "repo": repo,
        "ends": round((started + AGE) * 1000) if is_mybinder else None,
        "idle": IDLE if is_mybinder else None,
    }
