"""What the HTTP and the WebSocket side of the mount share: types, limits, and the scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from jupyter_live.asgitypes import Message
from jupyter_live.mount.people import identity_of


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    max_message_size: int
    inbox_limit: int
    ping_interval: float
    stop_timeout: float = 5.0
    """How long an application may go on after its client is gone."""


def scope_of(handler: Any, kind: str) -> Message:
    """The ASGI scope of a request that the gate has let in.

    `root_path` is the base URL, which `path` begins with; Channels' URLRouter takes it off.
    """
    request = handler.request
    secure = request.protocol == "https"
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": request.method,
        "http_version": request.version.removeprefix("HTTP/"),
        "scheme": {"http": "https" if secure else "http", "websocket": "wss" if secure else "ws"}[kind],
        "path": unquote(request.path),
        "raw_path": request.path.encode("latin-1", "replace"),
        "root_path": unquote(handler.base_url.rstrip("/")),
        "query_string": request.query.encode("latin-1", "replace"),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in request.headers.get_all()
        ],
        "client": (request.remote_ip, 0),
        "server": None,
        "user": identity_of(handler.current_user),
        "permissions": handler.permissions,
    }
