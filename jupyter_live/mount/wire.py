"""WebSocket frames of binary messages, and writing them without waiting."""

from __future__ import annotations

import struct

from tornado.iostream import IOStream

from jupyter_live.push import Shared

_BINARY = 0x82  # the whole message in one frame


def wire_of(message: bytes) -> bytes:
    """The frame of a message, unmasked as servers send it. Of one that many sockets get it is made once."""
    if not isinstance(message, Shared):
        return _framed(message)
    if message.wire is None:
        message.wire = _framed(message)
    return message.wire


def write_at_once(stream: IOStream | None, wire: bytes) -> bool:
    """Write a frame if nothing waits to be written before it; else write nothing and return False.

    What the kernel does not take waits in the stream. Writing to the socket itself costs half of `IOStream.write`,
    which makes a future, a copy and a view for each of 50 sockets that get the same 60 bytes.
    """
    if stream is None or stream.writing() or stream.closed():
        return False
    if type(stream) is not IOStream:  # TLS: the socket is not all there is
        stream.write(wire)
        return True
    try:
        sent = stream.socket.send(wire)
    except BlockingIOError:
        sent = 0
    except OSError:
        return False  # the stream will find out, and say so in its own way
    if sent < len(wire):
        stream.write(memoryview(wire)[sent:])
    return True


def _framed(message: bytes) -> bytes:
    length = len(message)
    if length < 126:
        head = struct.pack("!BB", _BINARY, length)
    elif length <= 0xFFFF:
        head = struct.pack("!BBH", _BINARY, 126, length)
    else:
        head = struct.pack("!BBQ", _BINARY, 127, length)
    return head + message
