"""What can be read from an update or a state vector without an engine: guards against hostile bytes.

Format: `clients`, then per client its structs; then the delete set: `clients`, per client its id, the number of
ranges and their (clock, length). All numbers are lib0 varuints. A state vector is `clients`, then (id, clock).
"""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_live.errors import LiveError
from jupyter_live.protocol import read_varuint, write_varuint

NOTHING = b"\x00\x00"
"""An update without structs and without deletes."""


def check_update(update: bytes) -> None:
    """Refuse an update whose head claims more clients than its bytes can hold.

    The engine sizes a hash table by that number before it reads on: 8 bytes that claim 2^28 clients cost 0.6 s
    and 512 MB. A client's part has at least 3 bytes. Raises LiveError `rejected_update`.
    """
    try:
        clients, _ = read_varuint(update, 0)
    except LiveError as error:
        raise LiveError("rejected_update", error.detail) from None
    if len(update) < 2 or 3 * clients > len(update):
        raise LiveError("rejected_update", f"{clients} clients in {len(update)} bytes")


def check_vector(state: bytes) -> None:
    """The same guard for a state vector, 2 bytes a client at least. Raises LiveError `malformed_frame`."""
    clients, _ = read_varuint(state, 0)
    if 2 * clients > len(state):
        raise LiveError("malformed_frame", f"{clients} clients in a state vector of {len(state)} bytes")


def read_vector(state: bytes) -> dict[int, int]:
    """Client id -> next clock."""
    count, at = read_varuint(state, 0)
    vector = {}
    for _ in range(count):
        client, at = read_varuint(state, at)
        vector[client], at = read_varuint(state, at)
    return vector


def write_vector(vector: Mapping[int, int]) -> bytes:
    """The same as a state vector."""
    return write_varuint(len(vector)) + b"".join(write_varuint(number) for pair in vector.items() for number in pair)


Ranges = dict[int, list[tuple[int, int]]]
"""Client id -> (first clock, clock after the last) of what is deleted, in ascending order."""


def read_deletes(update: bytes, at: int = 1) -> Ranges:
    """The delete set of an update, at offset `at`: 1 where it has no structs."""
    deletes: Ranges = {}
    clients, at = read_varuint(update, at)
    for _ in range(clients):
        client, at = read_varuint(update, at)
        count, at = read_varuint(update, at)
        ranges = []
        for _ in range(count):
            clock, at = read_varuint(update, at)
            length, at = read_varuint(update, at)
            ranges.append((clock, clock + length))
        deletes[client] = sorted(ranges)
    return deletes


def missing_deletes(update: bytes, state: bytes) -> bool:
    """Whether `update`, which has no structs, deletes anything that a replica of `state` has not got yet."""
    known = read_vector(state)
    return any(ranges and ranges[-1][1] > known.get(client, 0) for client, ranges in read_deletes(update).items())


def deletes_within(inner: Ranges, outer: Ranges) -> bool:
    """Whether everything that `inner` deletes is deleted in `outer`."""
    for client, ranges in inner.items():
        candidates = iter(outer.get(client, []))
        start = end = -1
        for first, last in ranges:
            while end < last:
                found = next(candidates, None)
                if found is None:
                    return False
                start, end = (start, found[1]) if found[0] == end else found
            if first < start:
                return False
    return True
