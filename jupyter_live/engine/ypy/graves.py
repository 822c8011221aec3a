"""Deleted content, for an engine that keeps it and stumbles over what is written into it."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_live.engine.structs import GC
from jupyter_live.engine.updates import Ranges
from jupyter_live.engine.ypy.pieces import DELETED, KIND, ORIGIN, Parts, Piece
from jupyter_live.engine.ypy.spans import Spans
from jupyter_live.protocol import write_varuint


class Graves:
    """What came to the engine without content, which it must not find as a parent or among the siblings of a piece."""

    def __init__(self) -> None:
        self._lost = Spans()  # nothing is known but that it was
        self._empty = Spans()  # these, and deleted items

    def buried(self, order: Iterable[tuple[int, Piece]], deletes: Ranges) -> Parts:
        """What can be integrated, as in `Ready`, so that the engine can take it."""
        pieces: dict[int, list[Piece]] = {}
        for client, piece in order:
            pieces.setdefault(client, []).append(self._buried(client, piece))
        return Parts(pieces, self._outside(deletes))

    def _buried(self, client: int, piece: Piece) -> Piece:
        if any(item in (self._empty if piece.parent else self._lost) for item in piece.ids):
            piece = _grave(piece)
        if piece.info == GC:
            self._lost.add(client, piece.clock, piece.end)
        if piece.info == GC or piece.is_deleted:
            self._empty.add(client, piece.clock, piece.end)
        return piece

    def _outside(self, deletes: Ranges) -> Ranges:
        """The deletes of all else: from what is lost the engine does not go on to the rest of a range."""
        found = {
            client: [part for first, last in ranges for part in self._lost.outside(client, first, last)]
            for client, ranges in deletes.items()
        }
        return {client: ranges for client, ranges in found.items() if ranges}


def without_deleted(parts: Parts) -> Parts:
    """The same without deleted content; `parts` have all deletes of their document."""
    deleted = Spans(parts.deletes)
    return Parts({client: _emptied(client, row, deleted) for client, row in parts.pieces.items()}, parts.deletes)


def _emptied(client: int, pieces: list[Piece], deleted: Spans) -> list[Piece]:
    row: list[Piece] = []
    for piece in pieces:
        if (client, piece.clock) in deleted:  # then all of it: engines split where a delete begins or ends
            is_lost = piece.info == GC or (piece.parent and piece.ids and piece.ids[0] in deleted)
            piece = _grave(piece) if is_lost else _without_content(piece, piece.length)
            if row and _is_continued(client, row[-1], piece):
                last = row.pop()
                piece = _without_content(last, last.length + piece.length)
        row.append(piece)
    return row


def _is_continued(client: int, last: Piece, piece: Piece) -> bool:
    """Whether a piece without content and the one before it can be one."""
    if last.end != piece.clock or GC in (last.info, piece.info):
        return last.end == piece.clock and last.info == piece.info
    return (
        last.is_deleted
        and bool(piece.info & ORIGIN)
        and piece.ids[0] == (client, piece.clock - 1)
        and piece.right == last.right
    )


def _grave(piece: Piece) -> Piece:
    """Nothing but its clocks: what is left of content whose parent was deleted."""
    return Piece(piece.clock, piece.length, GC, b"", (), b"", write_varuint(piece.length))


def _without_content(piece: Piece, length: int) -> Piece:
    """Its place in the document, and of what is left of it there a number of clocks."""
    info = piece.info if piece.info == GC else piece.info & ~KIND | DELETED
    return piece._replace(length=length, info=info, content=write_varuint(length))
