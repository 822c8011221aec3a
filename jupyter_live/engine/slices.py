"""A large update as a row of small ones, each of which can be applied after those before it.

Applying 18 MB takes 50 ms, in one call that holds the interpreter's lock: in slices others have their turn in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jupyter_live.engine.strict import check_strictly
from jupyter_live.engine.structs import SKIP, Struct, read_struct
from jupyter_live.errors import LiveError
from jupyter_live.protocol import read_varuint, write_varuint

SIZE = 2**18  # bytes of a slice, about: one that is applied in 1 ms

Part = bytes | tuple[int, int]
"""Bytes, or where in the update they are."""


class Slice(NamedTuple):
    """How to cut one out of the update, and what a replica has after it: client -> next clock."""

    parts: Sequence[Part]
    ends: dict[int, int]

    def cut(self, update: bytes) -> bytes:
        return b"".join(part if isinstance(part, bytes) else update[part[0] : part[1]] for part in self.parts)


def slices(update: bytes, size: int = SIZE) -> list[Slice]:
    """How to cut an update into slices of about `size` bytes.

    All together they bring exactly what the update brings; what it deletes comes with the last. What waits for an
    update that is not there is in slices too, and waits. One struct stays one: a text of 10 MB is a single one, which
    applies in 10 ms, and in pieces, which the engine joins again and again, in 900. So does an update that cannot be
    read strictly: whether it is one is for the engine to say.
    """
    try:
        deletes = check_strictly(update)
        return _Cutter(update, size).cut_all(update[deletes:])
    except (LiveError, IndexError):
        return [Slice([(0, len(update))], {})]


class _Client:
    """The structs of one client. Those before `done` are in slices, those before `first` in slices that are made."""

    def __init__(self, clock: int) -> None:
        self.structs: list[Struct] = []
        self.done = self.first = 0
        self.clock = self.first_clock = clock  # of `done` and of `first`

    @property
    def next(self) -> Struct | None:
        return self.structs[self.done] if self.done < len(self.structs) else None


class _Cutter:
    def __init__(self, update: bytes, size: int) -> None:
        self._update = update
        self._size = size
        self._clients: dict[int, _Client] = {}
        self._made: list[Slice] = []
        self._bytes = 0
        count, at = read_varuint(update, 0)
        for _ in range(count):
            at = self._read_client(at)

    def _read_client(self, at: int) -> int:
        count, at = read_varuint(self._update, at)
        number, at = read_varuint(self._update, at)
        clock, at = read_varuint(self._update, at)
        if number in self._clients:
            raise LiveError("rejected_update", f"client {number} twice")
        client = self._clients[number] = _Client(clock)
        for _ in range(count):
            client.structs.append(struct := read_struct(self._update, at))
            at = struct.end
        return at

    def cut_all(self, deletes: bytes) -> list[Slice]:
        for number in self._clients:
            self._take_all(number)
        self._make(deletes)
        return self._made

    def _take_all(self, number: int) -> None:
        """Take all structs of a client, each after those that it needs."""
        path = [(number, 2**64)]  # which client, and up to which clock
        on_path = {number}
        while path:
            number, until = path[-1]
            client = self._clients[number]
            struct = client.next
            if struct is None or client.clock > until:
                on_path.discard(path.pop()[0])
            elif (needed := self._missing(struct)) and needed[0] not in on_path:
                path.append(needed)
                on_path.add(needed[0])
            else:  # needed or not: two that need each other come from a defect, and will wait for ever
                self._take(client, struct)

    def _missing(self, struct: Struct) -> tuple[int, int] | None:
        for number, clock in struct.needs:
            client = self._clients.get(number)
            if client is not None and client.clock <= clock and client.next is not None:
                return number, clock
        return None

    def _take(self, client: _Client, struct: Struct) -> None:
        client.done += 1
        client.clock += struct.length
        self._bytes += struct.end - struct.start
        if self._bytes >= self._size:
            self._make(b"\x00")

    def _make(self, deletes: bytes) -> None:
        parts: list[Part] = []
        ends: dict[int, int] = {}
        for number, client in self._clients.items():
            structs, clock = client.structs[client.first : client.done], client.first_clock
            while structs and self._is_skip(structs[0]):
                clock += structs.pop(0).length
            if structs:
                parts.append(write_varuint(len(structs)) + write_varuint(number) + write_varuint(clock))
                parts.append((structs[0].start, structs[-1].end))
                ends[number] = client.clock
            client.first, client.first_clock = client.done, client.clock
        self._made.append(Slice([write_varuint(len(ends)), *parts, deletes], ends))
        self._bytes = 0

    def _is_skip(self, struct: Struct) -> bool:
        return self._update[struct.start] == SKIP
