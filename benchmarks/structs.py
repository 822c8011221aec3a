"""What an update brings, without applying it: the ranges of clocks of its structs.

The format is Yjs' update format, version 1. Only structs are read; deletions bring no clocks.
"""

from __future__ import annotations

GC, DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY, DOC, SKIP = range(11)  # content types
CONTENT, HAS_SUB, HAS_RIGHT, HAS_ORIGIN = 0x1F, 0x20, 0x40, 0x80  # bits of a struct's first byte
NAMED_TYPES = (3, 5)  # XML elements and hooks: their name follows

Range = tuple[int, int, int]


def ranges(update: bytes) -> list[Range]:
    """`(client, first clock, clock after the last)` of each run of structs; a hole in a client's structs ends a run.

    Raises ValueError or IndexError for what is no update.
    """
    found: list[Range] = []
    reader = _Reader(update)
    for _ in range(reader.number()):
        count, client, clock = reader.number(), reader.number(), reader.number()
        start = clock
        for _ in range(count):
            kind, length = reader.struct()
            if kind == SKIP:
                if clock > start:
                    found.append((client, start, clock))
                start = clock + length
            clock += length
        if clock > start:
            found.append((client, start, clock))
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        byte = self.data[self.at]
        self.at += 1
        if byte < 0x80:
            return byte
        value, shift = byte & 0x7F, 7
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def struct(self) -> tuple[int, int]:
        """Read one struct: its content type, and for how many clocks it stands."""
        info = self.data[self.at]
        self.at += 1
        kind = info & CONTENT
        if kind in (GC, SKIP):
            return kind, self.number()
        if info & HAS_ORIGIN:
            self._id()
        if info & HAS_RIGHT:
            self._id()
        if not info & (HAS_ORIGIN | HAS_RIGHT):
            if self.number() == 1:
                self.string()  # the root's name
            else:
                self._id()
            if info & HAS_SUB:
                self.string()
        return kind, self._content(kind)

    def _content(self, kind: int) -> int:
        if kind == STRING:
            return _utf16_length(self.string())
        if kind == DELETED:
            return self.number()
        if kind in (ANY, JSON):
            count = self.number()
            for _ in range(count):
                self._any() if kind == ANY else self.string()
            return count
        if kind in (BINARY, EMBED):
            self.string()
        elif kind == FORMAT:
            self.string()
            self.string()
        elif kind == TYPE:
            if self.number() in NAMED_TYPES:
                self.string()
        elif kind == DOC:
            self.string()
            self._any()
        else:
            raise ValueError(f"content of type {kind}")
        return 1

    def _any(self) -> None:
        kind = self.data[self.at]
        self.at += 1
        if kind in (127, 126, 121, 120):  # undefined, null, false, true
            return
        if kind == 125:
            while self.data[self.at] >= 0x80:
                self.at += 1
            self.at += 1
        elif kind in (124, 123, 122):  # a float of 4, one of 8 bytes, a large integer
            self.at += 4 if kind == 124 else 8
        elif kind in (119, 116):
            self.string()
        elif kind in (118, 117):
            for _ in range(self.number()):
                if kind == 118:
                    self.string()
                self._any()
        else:
            raise ValueError(f"value of type {kind}")

    def _id(self) -> None:
        self.number()
        self.number()

    def string(self) -> bytes:
        length = self.number()
        start = self.at
        self.at += length
        if self.at > len(self.data):
            raise ValueError("an update that is cut off")
        return self.data[start : self.at]


def states(payload: bytes) -> list[Range]:
    """Of an awareness update, which states of which clients it brings or makes outdated: `(client, 0, clock)`."""
    reader = _Reader(payload)
    found = []
    for _ in range(reader.number()):
        found.append((reader.number(), 0, reader.number()))
        reader.string()
    return found


def _utf16_length(text: bytes) -> int:
    """Clocks count JavaScript's characters: those beyond U+FFFF, of four bytes in UTF-8, are two."""
    return len(text) if text.isascii() else len(text.decode().encode("utf-16-le")) // 2
