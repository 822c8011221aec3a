"""Updates read and written in Python, piece by piece, for an engine that cannot work on them. Format: `updates.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jupyter_live.engine.strict import skip_bytes, skip_numbers
from jupyter_live.engine.structs import GC, SKIP, Id, read_struct
from jupyter_live.engine.updates import Ranges, read_deletes
from jupyter_live.errors import LiveError
from jupyter_live.protocol import read_varuint, write_varuint

CLOCKS = 2**32  # that y-py can tell apart
DELETED, JSON, STRING, ANY = 1, 2, 4, 8
KIND, ORIGIN, RIGHT_ORIGIN = 0x1F, 0x80, 0x40
_PARENT_SUB = 0x20


class Piece(NamedTuple):
    """A struct, which takes `length` clocks from `clock` on. Its bytes are info, parent, ids, key and content."""

    clock: int
    length: int
    info: int
    parent: bytes
    """Of what kind it is, with the name of a root; empty where a neighbour tells the parent."""
    ids: tuple[Id, ...]
    """What has to be there before it: left and right neighbour, or the parent."""
    key: bytes
    content: bytes

    @property
    def end(self) -> int:
        return self.clock + self.length

    @property
    def is_deleted(self) -> bool:
        """Whether its content is gone, but not its place."""
        return self.info & KIND == DELETED

    @property
    def right(self) -> tuple[Id, ...]:
        """The right neighbour, if it has one."""
        return self.ids[-1:] if self.info & RIGHT_ORIGIN else ()


class Parts(NamedTuple):
    """What an update has, by client."""

    pieces: dict[int, list[Piece]]
    """No row is empty. In those of `union`, and in what is written, pieces are in order and do not overlap."""
    deletes: Ranges

    def __bool__(self) -> bool:
        return bool(self.pieces or self.deletes)

    def renamed(self, names: Mapping[int, int]) -> Parts:
        """The same of clients with other names."""
        pieces = {
            names[client]: [piece._replace(ids=tuple((names[c], clock) for c, clock in piece.ids)) for piece in row]
            for client, row in self.pieces.items()
        }
        return Parts(pieces, {names[client]: ranges for client, ranges in self.deletes.items()})


def read(update: bytes) -> Parts:
    """Raises LiveError `rejected_update` for what can not be read, or counts beyond the engine's clocks."""
    try:
        pieces: dict[int, list[Piece]] = {}
        clients, at = read_varuint(update, 0)
        for _ in range(clients):
            at = _read_row(update, at, pieces)
        deletes = {client: ranges for client, ranges in read_deletes(update, at).items() if ranges}
    except (LiveError, IndexError, UnicodeError) as error:
        raise LiveError("rejected_update", str(error)) from None
    _check_clocks([ranges[-1] for ranges in deletes.values()])
    return Parts(pieces, deletes)


def _read_row(update: bytes, at: int, pieces: dict[int, list[Piece]]) -> int:
    structs, at = read_varuint(update, at)
    client, at = read_varuint(update, at)
    clock, at = read_varuint(update, at)
    for _ in range(structs):
        piece, at = _read_piece(update, at, clock)
        clock = piece.end
        if piece.info != SKIP:
            _check_clocks([*piece.ids, (client, clock)])
            pieces.setdefault(client, []).append(piece)
    return at


def _read_piece(update: bytes, start: int, clock: int) -> tuple[Piece, int]:
    struct, info, at = read_struct(update, start), update[start], start + 1
    parent = key = b""
    if info & KIND in (GC, SKIP):
        info &= KIND
    elif info & (ORIGIN | RIGHT_ORIGIN):
        at = skip_numbers(update, at, 2 * len(struct.needs))
    else:
        is_root, after = read_varuint(update, at)
        after = skip_bytes(update, after, 1) if is_root else after
        parent, at = update[at:after], skip_numbers(update, after, 2 * len(struct.needs))
        if info & _PARENT_SUB:
            after = skip_bytes(update, at, 1)
            key, at = update[at:after], after
    return Piece(clock, struct.length, info, parent, tuple(struct.needs), key, update[at : struct.end]), struct.end


def _check_clocks(ids: list[Id]) -> None:
    if any(clock >= CLOCKS for _, clock in ids):
        raise LiveError("rejected_update", "a clock beyond 32 bits")


def write(parts: Parts) -> bytes:
    """The same as an update."""
    out = [write_varuint(len(parts.pieces))]
    out += [_written_row(client, parts.pieces[client]) for client in sorted(parts.pieces, reverse=True)]
    out.append(write_varuint(len(parts.deletes)))
    for client, ranges in sorted(parts.deletes.items()):
        out.append(_written((client, len(ranges))))
        out += [_written((first, last - first)) for first, last in ranges]
    return b"".join(out)


def _written_row(client: int, row: list[Piece]) -> bytes:
    structs, clock = [], row[0].clock
    for piece in row:
        if piece.clock > clock:
            structs.append(bytes([SKIP]) + write_varuint(piece.clock - clock))
        ids = b"".join(map(_written, piece.ids))
        structs.append(b"".join((bytes([piece.info]), piece.parent, ids, piece.key, piece.content)))
        clock = piece.end
    return b"".join((write_varuint(len(structs)), _written((client, row[0].clock)), *structs))


def _written(pair: tuple[int, int]) -> bytes:
    return write_varuint(pair[0]) + write_varuint(pair[1])
