"""Where a server listens and what it takes, and how Daphne is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HANDSHAKE_TIMEOUT = 30  # seconds; the first socket may have to wait until the application has started
STOP_TIMEOUT = 5  # seconds for an application to end after its client is gone, as in the mount


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens, and what it takes. Sizes in bytes."""

    host: str
    port: int
    """0 is a free one."""
    max_message_size: int
    """Of one WebSocket message (larger ones close with 1009), and of the body of an HTTP request (413)."""
    inbox_limit: int
    """Received from one socket and not yet handled before it is no longer read."""
    proxy_headers: bool
    """Whether `X-Forwarded-For`, `-Port` and `-Proto` are believed: only where a proxy sets them."""
    ping_interval: float
    """Seconds in which nothing came from a socket before it is pinged."""
    ping_timeout: float
    """Seconds for the answer, or for anything else to move."""

    def options(self) -> dict[str, Any]:
        """Of Daphne's server."""

        def forwarded(name: str) -> str | None:
            return f"X-Forwarded-{name}" if self.proxy_headers else None

        return {
            "websocket_timeout": -1,  # Daphne's own closes each socket after 24 h
            "websocket_connect_timeout": HANDSHAKE_TIMEOUT,
            "websocket_handshake_timeout": HANDSHAKE_TIMEOUT,
            "websocket_max_message_size": self.max_message_size,
            "websocket_max_frame_size": self.max_message_size,
            "application_close_timeout": STOP_TIMEOUT,
            "ping_interval": self.ping_interval,
            "ping_timeout": self.ping_timeout,
            "request_buffer_size": 2**16,
            "proxy_forwarded_address_header": forwarded("For"),
            "proxy_forwarded_port_header": forwarded("Port"),
            "proxy_forwarded_proto_header": forwarded("Proto"),
            "server_name": "",
        }
