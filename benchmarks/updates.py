"""Updates of people who type at the end of what they have typed, encoded by hand: a load generator needs no CRDT.

The format is Yjs' update format, version 1: numbers are lib0 varuints. An update here has one struct: a string, whose
left neighbour is the writer's character before it. A first one has the document's root instead.
"""

from __future__ import annotations

from jupyter_live.protocol import write_varuint

ROOT = "source"  # the text of a file in Jupyter's shared model
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # the n-th character of every writer: a lost or doubled one is seen

STRING = 0x04  # content type
HAS_ORIGIN = 0x80
ROOT_PARENT = 0x01
NO_DELETES = b"\x00"


class Typist:
    """One writer: a client id, and how many characters it has typed (its clock), `piece` of them at a time."""

    def __init__(self, client: int, piece: int = 1) -> None:
        self.client = client
        self.clock = 0
        self.piece = piece
        self._id = write_varuint(client)
        self._head = b"\x01\x01" + self._id  # one client with one struct
        self._origin = bytes([HAS_ORIGIN | STRING]) + self._id

    def type(self) -> tuple[bytes, int]:
        """The update that appends this writer's next piece, and for how many clocks it stands."""
        clock = self.clock
        self.clock += self.piece
        letters = _letters(clock, self.clock)
        if clock == 0:
            place = b"\x00" + bytes([STRING, ROOT_PARENT]) + _string(ROOT)
        else:
            place = write_varuint(clock) + self._origin + write_varuint(clock - 1)
        return self._head + place + _string(letters) + NO_DELETES, self.piece

    @property
    def text(self) -> str:
        """All that was typed."""
        return _letters(0, self.clock)


def expected(typists: list[Typist]) -> str:
    """The text of a document in which only these have typed: Yjs puts runs that begin at the same place in the order of
    their client ids, and never mixes them."""
    return "".join(typist.text for typist in sorted(typists, key=lambda typist: typist.client))


def _letters(start: int, end: int) -> str:
    return (LETTERS * ((end - start) // 26 + 2))[start % 26 :][: end - start]


def _string(text: str) -> bytes:
    data = text.encode()
    return write_varuint(len(data)) + data
