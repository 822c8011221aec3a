"""Frames of the wire: the y-websocket protocol with jupyter-collaboration's RAW messages.

Pure functions over bytes; payloads stay bytes. See docs/protocol.md. Imports only errors and ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from jupyter_live.errors import LiveError

SYNC, AWARENESS, RAW, QUERY_AWARENESS = 0, 1, 2, 3
STEP1, STEP2, UPDATE = 0, 1, 2

_UPDATE = b"\x00\x02"
_ONE_BYTE = [bytes([value]) for value in range(0x80)]

AWARENESS_LIMIT = 2**20  # bytes; clients that echo what they hear send all of a room's states, below 1 kB each
LARGEST = 2**53 - 1  # of JavaScript's whole numbers: a browser fails on a frame with a larger one


class Kind(IntEnum):
    """What a frame asks for."""

    STEP1 = 0
    STEP2 = 1
    UPDATE = 2
    AWARENESS = 3
    QUERY_AWARENESS = 4
    SAVE = 5


class Frame(NamedTuple):
    """A frame from a client. `payload` is a state vector, an update or an awareness update; `number` a save id."""

    kind: Kind
    payload: bytes = b""
    number: int = 0


@dataclass(frozen=True, slots=True)
class AwarenessEntry:
    """One client's state in an awareness update; `state` is JSON text, ``"null"`` when it leaves."""

    client: int
    clock: int
    state: str


def read(data: bytes) -> Frame:
    """Read one frame of a client.

    Raises LiveError `malformed_frame` (truncated, or bytes left over) or `unknown_message`.
    """
    if data[:2] == _UPDATE and len(data) > 3 and data[2] == len(data) - 3 < 0x80:
        return Frame(Kind.UPDATE, data[3:])  # a keystroke, as nearly all frames are: read byte by byte it takes 3 us
    kind, at = read_varuint(data, 0)
    if kind == SYNC:
        step, at = read_varuint(data, at)
        if step > UPDATE:
            raise LiveError("unknown_message", f"sync step {step}")
        payload, at = _read_bytes(data, at)
        frame = Frame(Kind(step), payload)
    elif kind == AWARENESS:
        payload, at = _read_bytes(data, at)
        frame = Frame(Kind.AWARENESS, payload)
    elif kind == QUERY_AWARENESS:
        frame = Frame(Kind.QUERY_AWARENESS)
    elif kind == RAW:
        word, at = _read_bytes(data, at)
        if word != b"save":
            raise LiveError("unknown_message", f"raw {word[:20]!r}")
        number, at = read_varuint(data, at)
        frame = Frame(Kind.SAVE, number=number)
    else:
        raise LiveError("unknown_message", f"type {kind}")
    if at != len(data):
        raise LiveError("malformed_frame", f"{len(data) - at} bytes too many")
    return frame


def step1(state: bytes) -> bytes:
    return b"\x00\x00" + _with_length(state)


def step2(update: bytes) -> bytes:
    return b"\x00\x01" + _with_length(update)


def update(update: bytes) -> bytes:
    return _UPDATE + _with_length(update)


def awareness(payload: bytes) -> bytes:
    return b"\x01" + _with_length(payload)


def write_awareness(entries: list[AwarenessEntry]) -> bytes:
    parts = [write_varuint(len(entries))]
    for entry in entries:
        parts += [write_varuint(entry.client), write_varuint(entry.clock), _with_length(entry.state.encode())]
    return b"".join(parts)


def raw(message: dict[str, Any]) -> bytes:
    return b"\x02" + _with_length(json.dumps(message).encode())


def ack(received: int, logged: int, saved: int) -> bytes:
    """The notice that is sent most: `raw` takes four times as long."""
    text = f'{{"type": "ack", "received": {received}, "logged": {logged}, "saved": {saved}}}'
    return b"\x02" + _with_length(text.encode())


def read_awareness(payload: bytes) -> list[AwarenessEntry]:
    """Read an awareness update. Raises LiveError `malformed_frame`, also beyond `AWARENESS_LIMIT` bytes."""
    if len(payload) > AWARENESS_LIMIT:
        raise LiveError("malformed_frame", f"{len(payload)} bytes of awareness")
    count, at = read_varuint(payload, 0)
    if 3 * count > len(payload):  # an entry has at least 3 bytes: a cheap guard against a count that is a bomb
        raise LiveError("malformed_frame", f"{count} awareness entries in {len(payload)} bytes")
    entries = []
    for _ in range(count):
        client, at = read_varuint(payload, at)
        clock, at = read_varuint(payload, at)
        text, at = _read_bytes(payload, at)
        try:
            entries.append(AwarenessEntry(client, clock, text.decode()))
        except UnicodeDecodeError:
            raise LiveError("malformed_frame", "awareness state is not UTF-8") from None
    if at != len(payload):
        raise LiveError("malformed_frame", "bytes left over after awareness")
    return entries


def read_held(body: bytes) -> tuple[bytes, bytes, bytes]:
    """The updates of a history that is handed in: base, mine, and what of that is logged, which may be left out.

    Raises LiveError `malformed_frame`.
    """
    base, at = _read_bytes(body, 0)
    mine, at = _read_bytes(body, at)
    logged, at = _read_bytes(body, at) if at < len(body) else (b"", at)
    if at != len(body):
        raise LiveError("malformed_frame", "bytes left over after a history")
    return base, mine, logged


def read_varuint(data: bytes, at: int) -> tuple[int, int]:
    """Read a lib0 variable-length unsigned integer (up to 53 bits, as JavaScript has) at offset `at`."""
    value = shift = 0
    while at < len(data) and shift < 56:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > LARGEST:
                break
            return value, at
        shift += 7
    raise LiveError("malformed_frame", "a number is cut off or too large")


def write_varuint(value: int) -> bytes:
    if value < 0x80:
        return _ONE_BYTE[value]
    if value < 0x4000:
        return bytes((0x80 | value & 0x7F, value >> 7))
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = read_varuint(data, at)
    end = at + length
    if end > len(data):
        raise LiveError("malformed_frame", f"{end - len(data)} bytes missing")
    return data[at:end], end


def _with_length(payload: bytes) -> bytes:
    return write_varuint(len(payload)) + payload
