"""What an update is made of, one struct after the other. Format: as in `updates.py`."""

from __future__ import annotations

from typing import NamedTuple

from jupyter_live.engine.strict import skip_bytes, skip_content
from jupyter_live.protocol import read_varuint

GC, SKIP = 0, 10
_DELETED, _JSON, _STRING, _ANY = 1, 2, 4, 8
_KIND, _HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x1F, 0x80, 0x40, 0x20

Id = tuple[int, int]
"""Client and clock."""


class Struct(NamedTuple):
    """The bytes from `start` to `end` of an update, which take `length` clocks."""

    start: int
    end: int
    length: int
    needs: list[Id]
    """What has to be there before it."""


def read_struct(update: bytes, start: int) -> Struct:
    """The struct at an offset of an update that has been read strictly."""
    info, at = update[start], start + 1
    kind = info & _KIND
    if kind in (GC, SKIP):
        length, at = read_varuint(update, at)
        return Struct(start, at, length, [])
    needs: list[Id] = []
    for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
        if info & flag:
            needed, at = _read_id(update, at)
            needs.append(needed)
    if not needs:
        is_root, at = read_varuint(update, at)
        if is_root:
            at = skip_bytes(update, at, 1)
        else:
            needed, at = _read_id(update, at)
            needs.append(needed)
        if info & _HAS_PARENT_SUB:
            at = skip_bytes(update, at, 1)
    end, length = skip_content(update, at, kind), 1
    if kind in (_DELETED, _JSON, _ANY):
        length, _ = read_varuint(update, at)
    elif kind == _STRING:
        _, text = read_varuint(update, at)
        length = _units(update[text:end])
    return Struct(start, end, length, needs)


def _read_id(update: bytes, at: int) -> tuple[Id, int]:
    client, at = read_varuint(update, at)
    clock, at = read_varuint(update, at)
    return (client, clock), at


def _units(text: bytes) -> int:
    """Clocks that a text takes: its UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")) // 2
