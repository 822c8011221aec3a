"""Tornado's WebSocket protocol, with a short way for keystrokes: from the socket to the application in one call."""

from __future__ import annotations

from collections.abc import Callable

from tornado.iostream import IOStream
from tornado.util import _websocket_mask
from tornado.websocket import WebSocketProtocol13

CHUNK = 65_536  # bytes of large messages that are asked for at once
PIECE = 16_384  # bytes of them that the stream takes in one call
SHORT, MANY = 4096, 100  # bytes read and messages taken in one call on the short way; then others get their turn

_BINARY = 0x82  # the first byte of a frame that is a whole binary message


class ReadingAhead(WebSocketProtocol13):
    """Reads what has come, and gives whole binary messages to `take` there and then.

    All else is left to Tornado: other frames, pieces of frames, and what `take` does not take, which comes in the same
    order to `on_message`. Each piece that is asked of a stream makes a future and wakes a task in another turn of the
    loop: that was half of what a keystroke cost in all. Only what is needed is asked for: who does not take messages
    stops the reading.
    """

    take: Callable[[bytes], bool]
    """Handles a message; False where it cannot be handled now."""

    _ahead = b""
    _at = 0
    _is_between = False  # of a message nothing has come so far
    _is_idle = False  # and that is what the frame loop waits for

    async def _receive_frame_loop(self) -> None:
        stream = self.stream
        stream.read_chunk_size = PIECE
        if type(stream) is IOStream:  # TLS keeps back what its socket does not tell of
            self._read_from_fd = stream.read_from_fd
            stream.read_from_fd = self._read_or_take  # type: ignore[assignment,method-assign]
        try:
            await super()._receive_frame_loop()
        finally:
            stream.__dict__.pop("read_from_fd", None)

    async def _receive_frame(self) -> None:
        self._is_between = self._fragmented_message_buffer is None
        await super()._receive_frame()

    async def _read_bytes(self, n: int) -> bytes:
        end = self._at + n
        if end > len(self._ahead):
            await self._fill(n)
            end = self._at + n
        self._is_between = False
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
            self._is_idle = self._is_between and not size
            try:
                parts.append(await self.stream.read_bytes(max(n - size, CHUNK), partial=True))
            finally:
                self._is_idle = False
            size += len(parts[-1])
        self._ahead = b"".join(parts)

    def _read_or_take(self, buffer: bytearray | memoryview) -> int | None:
        """What the stream calls to read: as it has it, it gets so many bytes, or None where there are none."""
        if not self._is_idle:
            return self._read_from_fd(buffer)
        with memoryview(buffer) as whole, whole[:SHORT] as part:
            count = self._read_from_fd(part)
        if not count:
            return count
        at = self._take_all(bytes(buffer[:count]))
        if at == count:
            return None
        self._is_idle = False  # until the frame loop has dealt with what it gets now
        buffer[: count - at] = buffer[at:count]
        return count - at

    def _take_all(self, data: bytes) -> int:
        """Have messages taken, as far as `data` begins with whole ones; returns how many bytes that were."""
        at, size, take = 0, len(data), self.take
        for _ in range(MANY):
            if size - at < 6 or data[at] != _BINARY or self.client_terminated:
                break
            length, begin = data[at + 1] - 0x80, at + 6  # after two bytes and four of the mask
            if length == 126:
                length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 8
            end = begin + length
            if not 0 <= length < SHORT or data[at + 1] == 0xFF or end > size:
                break
            if not take(_websocket_mask(data[begin - 4 : begin], data[begin:end])):
                break
            at = end
        self._wire_bytes_in += at
        return at
