"""Updates of people who type at the end of what they have typed, encoded by hand: a load generator needs no CRDT.

The format is Yjs' update format, version 1: numbers are lib0 varuints. An update here has one struct: a string of one
character, whose left neighbour is the writer's character before it. A first character has the document's root instead.
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
    """One writer: a client id, and how many characters it has typed (its clock)."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.clock = 0
        self._id = write_varuint(client)
        self._head = b"\x01\x01" + self._id  # one client with one struct
        self._origin = bytes([HAS_ORIGIN | STRING]) + self._id

    def type(self) -> bytes:
        """The update that appends this writer's next character."""
        clock = self.clock
        self.clock += 1
        letter = b"\x01" + LETTERS[clock % 26].encode()
        if clock == 0:
            return self._head + b"\x00" + bytes([STRING, ROOT_PARENT]) + _string(ROOT) + letter + NO_DELETES
        return self._head + write_varuint(clock) + self._origin + write_varuint(clock - 1) + letter + NO_DELETES

    @property
    def text(self) -> str:
        """All that was typed."""
        whole, rest = divmod(self.clock, 26)
        return LETTERS * whole + LETTERS[:rest]


def expected(typists: list[Typist]) -> str:
    """The text of a document in which only these have typed: Yjs puts runs that begin at the same place in the order of
    their client ids, and never mixes them."""
    return "".join(typist.text for typist in sorted(typists, key=lambda typist: typist.client))


def _string(text: str) -> bytes:
    return write_varuint(len(text.encode())) + text.encode()
