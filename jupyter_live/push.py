"""How a server lets its application send and receive without waiting, and send one message to many."""

from __future__ import annotations

PUSH = "jupyter_live.push"
"""Key of an ASGI extension of a socket's scope, with two functions for binary messages.

`push(message)` sends one at once; it returns False, and sends nothing, where that cannot be done now. `pull(take)` has
messages given to `take` as they come, in the same order, instead of `receive`: while `take` returns True, and what came
before has been received.
"""


class Shared(bytes):
    """A message that many sockets get: bytes to any ASGI server. Ours keeps in `wire` what it makes of it once."""

    wire: bytes | None = None
