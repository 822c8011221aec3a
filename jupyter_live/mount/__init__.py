"""An ASGI application inside Jupyter's process and event loop, behind Jupyter's own authentication.

Knows Tornado, Jupyter and ASGI; knows nothing of documents.
"""

from __future__ import annotations

from typing import Any

from jupyter_live.asgitypes import Application
from jupyter_live.mount.asgi import Limits
from jupyter_live.mount.http import HttpMount
from jupyter_live.mount.websocket import WebSocketMount

__all__ = ["Application", "Limits", "handlers"]


def handlers(prefix: str, application: Application, limits: Limits) -> list[tuple[str, type, dict[str, Any]]]:
    """Tornado handlers (without base URL) that serve `application` below `prefix`.

    WebSocket upgrades go to paths with ``/room/``, everything else is HTTP: Tornado picks a handler by path alone.
    """
    options = {"serve": application, "limits": limits}
    return [
        (rf"{prefix}/room/.*", WebSocketMount, options),
        (rf"{prefix}/.*", HttpMount, options),
    ]
