"""A strict reader of updates from clients: what could be read in two ways, or without an end, is refused.

The engine is lenient: it takes a parent that is neither a root nor an item, and writes it back as bytes that it can
not read itself, so that newcomers, the file and the next start fail. JSON as text, which Yjs has not written since
2019, it keeps while that waits, and cannot read back. It reads lists and dictionaries by recursion without a limit:
20,000 lists in one another, in 40 kB, overflow the stack, which no `except` can catch. All were found by mutation.
Reading an ordinary keystroke strictly takes some 5 us. Format: as in `updates.py`.
"""

from __future__ import annotations

from jupyter_live.engine.keystrokes import match_keystroke
from jupyter_live.errors import LiveError
from jupyter_live.protocol import read_varuint

DEPTH_LIMIT = 256  # JSON in notebooks has 30 levels at the most; Python's own json gives up at 1000

_GC, _DELETED, _, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x80, 0x40, 0x20
_TYPES = {0, 1, 2, 3, 4, 6}  # array, map, text, XML element, fragment, text; what else there is differs by engine
_ELEMENT = 3  # carries its name

_BUFFER, _LIST, _DICTIONARY, _TEXT = 116, 117, 118, 119
_SIZES = {120: 0, 121: 0, 126: 0, 127: 0, 122: 8, 123: 8, 124: 4}  # booleans, null, undefined; numbers
_INTEGER = 125


def check_strictly(update: bytes) -> int:
    """The offset at which the deletes begin.

    Raises LiveError `rejected_update` for bytes that are not just one update, or nest deeper than `DEPTH_LIMIT`.
    """
    if match_keystroke(update):
        return len(update) - 1
    try:
        deletes = _skip_structs(update, 0)
        at = skip_deletes(update, deletes)
    except (LiveError, IndexError) as error:
        raise LiveError("rejected_update", str(error)) from None
    if at != len(update):
        raise LiveError("rejected_update", f"{len(update) - at} bytes left over")
    return deletes


def _skip_structs(update: bytes, at: int) -> int:
    clients, at = read_varuint(update, at)
    for _ in range(clients):
        structs, at = read_varuint(update, at)
        at = skip_numbers(update, at, 2)  # client, clock
        for _ in range(structs):
            at = _skip_struct(update, at)
    return at


def skip_deletes(update: bytes, at: int) -> int:
    clients, at = read_varuint(update, at)
    for _ in range(clients):
        at = skip_numbers(update, at, 1)  # client
        ranges, at = read_varuint(update, at)
        at = skip_numbers(update, at, 2 * ranges)
    return at


def _skip_struct(update: bytes, at: int) -> int:
    info = update[at]
    kind = info & ~(_HAS_ORIGIN | _HAS_RIGHT_ORIGIN | _HAS_PARENT_SUB)
    at += 1
    if info in (_GC, _SKIP):
        return skip_numbers(update, at, 1)
    if info & _HAS_ORIGIN:
        at = skip_numbers(update, at, 2)
    if info & _HAS_RIGHT_ORIGIN:
        at = skip_numbers(update, at, 2)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        is_root, at = read_varuint(update, at)
        if is_root not in (0, 1):
            raise LiveError("rejected_update", f"a parent of kind {is_root}")
        at = skip_bytes(update, at, 1) if is_root else skip_numbers(update, at, 2)
        if info & _HAS_PARENT_SUB:
            at = skip_bytes(update, at, 1)
    return skip_content(update, at, kind)


def skip_content(update: bytes, at: int, kind: int) -> int:
    if kind == _DELETED:
        return skip_numbers(update, at, 1)
    if kind in (_BINARY, _STRING, _EMBED):
        return skip_bytes(update, at, 1)
    if kind == _FORMAT:
        return skip_bytes(update, at, 2)
    if kind == _TYPE:
        name, at = read_varuint(update, at)
        if name not in _TYPES:
            raise LiveError("rejected_update", f"type {name}")
        return skip_bytes(update, at, 1) if name == _ELEMENT else at
    if kind == _ANY:
        count, at = read_varuint(update, at)
        return _skip_values(update, at, count)
    if kind == _DOC:
        return _skip_values(update, skip_bytes(update, at, 1), 1)
    raise LiveError("rejected_update", f"content of kind {kind}")


def _skip_values(update: bytes, at: int, count: int) -> int:
    """Skip `count` values with all that is in them."""
    open_: list[tuple[int, bool]] = [(count, False)]  # how many values are still to come in each, and whether with keys
    while open_:
        left, has_keys = open_.pop()
        if not left:
            continue
        open_.append((left - 1, has_keys))
        if has_keys:
            at = skip_bytes(update, at, 1)
        kind = update[at]
        at += 1
        if kind in (_LIST, _DICTIONARY):
            if len(open_) > DEPTH_LIMIT:
                raise LiveError("rejected_update", f"values nested deeper than {DEPTH_LIMIT}")
            count, at = read_varuint(update, at)
            open_.append((count, kind == _DICTIONARY))
        elif kind in (_TEXT, _BUFFER):
            at = skip_bytes(update, at, 1)
        elif kind == _INTEGER:
            while update[at] & 0x80:
                at += 1
            at += 1
        elif kind in _SIZES:
            at += _SIZES[kind]
        else:
            raise LiveError("rejected_update", f"value of kind {kind}")
    return at


def skip_numbers(update: bytes, at: int, count: int) -> int:
    for _ in range(count):
        _, at = read_varuint(update, at)
    return at


def skip_bytes(update: bytes, at: int, count: int) -> int:
    for _ in range(count):
        length, at = read_varuint(update, at)
        at += length
        if at > len(update):
            raise LiveError("rejected_update", "cut off")
    return at
