"""Updates merged in Python: pieces that overlap are cut, as engines would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jupyter_live.engine.strict import skip_content
from jupyter_live.engine.structs import GC
from jupyter_live.engine.updates import Ranges
from jupyter_live.engine.ypy.pieces import ANY, JSON, KIND, ORIGIN, RIGHT_ORIGIN, STRING, Parts, Piece, read, write
from jupyter_live.protocol import read_varuint, write_varuint


def merge(updates: Sequence[bytes]) -> bytes:
    """One update that equals all of `updates`; nothing is dropped, waiting or not."""
    return updates[0] if len(updates) == 1 else write(union(map(read, updates)))


def union(several: Iterable[Parts], known: Mapping[int, int] | None = None) -> Parts:
    """What all have together and a replica has not that is at `known`, by client the next clock; and all deletes."""
    pieces: dict[int, list[Piece]] = {}
    deletes: Ranges = {}
    for parts in several:
        for client, row in parts.pieces.items():
            pieces.setdefault(client, []).extend(row)
        for client, ranges in parts.deletes.items():
            deletes.setdefault(client, []).extend(ranges)
    beyond = {client: _beyond(client, row, (known or {}).get(client, 0)) for client, row in pieces.items()}
    return Parts(
        {client: row for client, row in beyond.items() if row},
        {client: _joined(ranges) for client, ranges in deletes.items()},
    )


def _beyond(client: int, pieces: list[Piece], clock: int) -> list[Piece]:
    """What they have from `clock` on, in order and without overlap."""
    row = []
    for piece in sorted(pieces, key=lambda piece: (piece.clock, -piece.length)):
        if piece.end > clock:
            row.append(_cut(client, piece, clock - piece.clock) if piece.clock < clock else piece)
            clock = piece.end
    return row


def _cut(client: int, piece: Piece, count: int) -> Piece:
    """The piece without its first `count` clocks, as engines split it: what is left follows what was before."""
    clock, length, kind = piece.clock + count, piece.length - count, piece.info & KIND
    content = _cut_content(piece.content, kind, count, length)
    if kind == GC:
        return piece._replace(clock=clock, length=length, content=content)
    info = kind | ORIGIN | piece.info & RIGHT_ORIGIN
    return Piece(clock, length, info, b"", ((client, clock - 1), *piece.right), b"", content)


def _cut_content(content: bytes, kind: int, count: int, length: int) -> bytes:
    """The last `length` of `count + length` clocks."""
    if kind == STRING:
        _, at = read_varuint(content, 0)
        units = content[at:].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        text = units[2 * count :].decode("utf-16-le", "replace").encode()
        return write_varuint(len(text)) + text
    if kind in (JSON, ANY):
        _, at = read_varuint(content, 0)
        content = write_varuint(count) + content[at:]  # to be read as just those that go
        return write_varuint(length) + content[skip_content(content, 0, kind) :]
    return write_varuint(length)  # no other kind that has several has anything but their number


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
