"""Any ASGI application under Daphne, run from a program: bounded both ways, and drained before it ends.

Knows Daphne, Twisted and ASGI; knows nothing of documents.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from jupyter_live.asgitypes import Application
from jupyter_live.serving.endpoint import Endpoint

__all__ = ["Application", "Endpoint", "serve"]


def serve(
    application: Application,
    *,
    host: str,
    port: int,
    max_message_size: int,
    drain: Callable[[], Awaitable[None]],
    drain_timeout: float,
    on_ready: Callable[[int], None],
    proxy_headers: bool,
    inbox_limit: int = 2**20,
    ping_interval: float = 20.0,
    ping_timeout: float = 30.0,
    start: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; then stop listening, await `drain`, and return.

    Once in a process, in its main thread.
    `start` is awaited before the server listens, in the loop in which it serves; `on_ready` is then told the port
    (`port` 0 takes a free one). `drain` closes every socket with 1012 and has `drain_timeout` seconds; sockets that it
    leaves are closed with 1012 too. A second signal ends at once. `max_message_size` and `inbox_limit` (received from
    one socket and not yet handled) are in bytes. `proxy_headers` has `X-Forwarded-*` believed. A socket from which
    nothing came for `ping_interval` seconds is pinged, and cut off after another `ping_timeout`.

    Scopes hold no `Daphne-Root-Path`; those that begin while the server drains have the extension `health.DRAINING`.
    Raises OSError where it cannot listen, ImportError without the extra `daphne`, and whatever `start` raises.
    """
    try:  # Only here: it is an extra, and takes 0.8 s and 27 MiB.
        from jupyter_live.serving.stopping import Stopping
    except ModuleNotFoundError as error:
        raise ImportError(f"{error}: serving needs Daphne. pip install 'jupyter-live[daphne]'") from error
    endpoint = Endpoint(host, port, max_message_size, inbox_limit, proxy_headers, ping_interval, ping_timeout)
    Stopping(application, endpoint, drain, drain_timeout).run(start, on_ready)
