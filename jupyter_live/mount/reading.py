"""Tornado's WebSocket protocol, that takes from the stream what has come instead of three pieces a frame."""

from __future__ import annotations

from tornado.websocket import WebSocketProtocol13

CHUNK = 65_536  # bytes, as much as Tornado reads from a socket at once


class ReadingAhead(WebSocketProtocol13):
    """Reads frames from a buffer of its own.

    Each piece that is asked of a stream makes a future and 8 us of work, half of what a keystroke costs in all. Only
    what is needed is asked for: who does not take messages stops the reading, as before.
    """

    _ahead = b""
    _at = 0

    async def _read_bytes(self, n: int) -> bytes:
        end = self._at + n
        if end > len(self._ahead):
            await self._fill(n)
            end = self._at + n
        piece = self._ahead[self._at : end]
        if end == len(self._ahead):
            self._ahead, self._at = b"", 0
        else:
            self._at = end
        self._wire_bytes_in += n
        return piece

    async def _fill(self, n: int) -> None:
        """Have at least `n` bytes."""
        parts = [self._ahead[self._at :]]
        size = len(parts[0])
        self._ahead, self._at = b"", 0
        while size < n:
            parts.append(await self.stream.read_bytes(max(n - size, CHUNK), partial=True))
            size += len(parts[-1])
        self._ahead = b"".join(parts)
