"""How a server lets its application send without waiting, and one message to many. Imports nothing of ours."""

from __future__ import annotations

PUSH = "jupyter_live.push"
"""Key of an ASGI extension: `scope["extensions"][PUSH]["push"]` sends a message at once, or returns False."""


class Shared(bytes):
    """A message that many sockets get: bytes to any ASGI server. Ours keeps in `wire` what it makes of it once."""

    wire: bytes | None = None
