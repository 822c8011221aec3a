"""An engine on y-py 0.6.2 (Yrs 0.12) for relay processes, which keep a replica and never look into it.

Upstream is abandoned, there are no wheels beyond Python 3.12, and what y-py lacks or does wrong is done here in Python:

- It merges no updates, and tells of none what is missing: updates are read and written by us.
- An update that waits is lost as soon as another comes that need not: it gets none that would have to wait.
- It reads the lower 32 bits of a client id, and pycrdt makes ids of 53: it gets others, see `Labels`.
- What is written into a list or text that somebody has deleted meanwhile makes it panic ever after: it gets such
  pieces as `Graves` has them, and keeps deleted content, which is left out of what is encoded (`without_deleted`), but
  stays in memory until the replica goes.
- Some bytes end the process: it gets only what has been read and written anew. That keeps out what is known, not what
  nobody has found yet: `YpyEngine.is_hardened` is False.

A replica belongs to the thread that made it, also to be dropped: y-py panics in any other. Which cells an update
displaces it cannot tell, as y-py has no relative positions: `displaced` stays empty. What looks into the document,
`put` and `is_doubled`, works, but y-py never frees a document that has been looked into: a relay does not.
"""

from __future__ import annotations

import random
import weakref
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar, NamedTuple

import y_py

from jupyter_live.engine.strict import check_strictly, skip_bytes, skip_content
from jupyter_live.engine.structs import GC, SKIP, Id, read_struct
from jupyter_live.engine.updates import (
    Ranges,
    check_update,
    check_vector,
    deletes_within,
    read_deletes,
    read_vector,
    write_vector,
)
from jupyter_live.engine.waiting import Waiting
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin
from jupyter_live.protocol import read_varuint, write_varuint

CLOCKS = CLIENTS = 2**32  # that the engine can tell apart
Vector = Mapping[int, int]  # client -> next clock

# Updates, read. Format: as in `updates.py`.

_DELETED, _JSON, _STRING, _ANY = 1, 2, 4, 8
_KIND, _ORIGIN, _RIGHT_ORIGIN, _PARENT_SUB = 0x1F, 0x80, 0x40, 0x20


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
    def right(self) -> tuple[Id, ...]:
        return self.ids[-1:] if self.info & _RIGHT_ORIGIN else ()

    @property
    def grave(self) -> Piece:
        """Nothing but its clocks: what is left of content whose parent was deleted."""
        return Piece(self.clock, self.length, GC, b"", (), b"", write_varuint(self.length))


class Parts(NamedTuple):
    """What an update has, by client."""

    pieces: dict[int, list[Piece]]
    deletes: Ranges

    def __bool__(self) -> bool:
        return bool(self.pieces or self.deletes)

    def renamed(self, names: Mapping[int, int]) -> Parts:
        """The same of clients with other names."""
        pieces = {
            names[client]: [piece._replace(ids=tuple((names[c], clock) for c, clock in piece.ids)) for piece in pieces]
            for client, pieces in self.pieces.items()
        }
        return Parts(pieces, {names[client]: ranges for client, ranges in self.deletes.items()})


def read(update: bytes) -> Parts:
    """Raises LiveError `rejected_update` for what can not be read, or counts beyond the engine's clocks."""
    try:
        pieces: dict[int, list[Piece]] = {}
        clients, at = read_varuint(update, 0)
        for _ in range(clients):
            structs, at = read_varuint(update, at)
            (client, clock), at = _read_id(update, at)
            for _ in range(structs):
                piece, at = _read_piece(update, at, clock)
                clock = piece.end
                if piece.info != SKIP:
                    pieces.setdefault(client, []).append(piece)
        deletes = {client: ranges for client, ranges in read_deletes(update, at).items() if ranges}
    except (LiveError, IndexError, UnicodeError) as error:
        raise LiveError("rejected_update", str(error)) from None
    ends = [piece.end for rows in pieces.values() for piece in rows[-1:]] + [rows[-1][1] for rows in deletes.values()]
    if max(ends, default=0) >= CLOCKS:
        raise LiveError("rejected_update", "a clock beyond 32 bits")
    return Parts(pieces, deletes)


def _read_piece(update: bytes, start: int, clock: int) -> tuple[Piece, int]:
    struct, info, at = read_struct(update, start), update[start], start + 1
    parent = key = b""
    ids: list[Id] = []
    if info in (GC, SKIP):
        return Piece(clock, struct.length, info, b"", (), b"", update[at : struct.end]), struct.end
    for flag in (_ORIGIN, _RIGHT_ORIGIN):
        if info & flag:
            neighbour, at = _read_id(update, at)
            ids.append(neighbour)
    if not ids:
        is_root, after = read_varuint(update, at)
        after = skip_bytes(update, after, 1) if is_root else after
        parent, at = update[at:after], after
        if not is_root:
            item, at = _read_id(update, at)
            ids.append(item)
        if info & _PARENT_SUB:
            after = skip_bytes(update, at, 1)
            key, at = update[at:after], after
    return Piece(clock, struct.length, info, parent, tuple(ids), key, update[at : struct.end]), struct.end


def _read_id(update: bytes, at: int) -> tuple[Id, int]:
    client, at = read_varuint(update, at)
    clock, at = read_varuint(update, at)
    if clock >= CLOCKS:
        raise LiveError("rejected_update", "a clock beyond 32 bits")
    return (client, clock), at


def write(parts: Parts) -> bytes:
    """As an update; there is no overlap in `parts`."""
    out = [write_varuint(len(parts.pieces))]
    for client in sorted(parts.pieces, reverse=True):
        pieces = parts.pieces[client]
        clock, structs = pieces[0].clock, []
        for piece in pieces:
            if piece.clock > clock:
                structs.append(bytes([SKIP]) + write_varuint(piece.clock - clock))
            structs += [bytes([piece.info]), piece.parent, *map(_written, piece.ids), piece.key, piece.content]
            clock = piece.end
        skips = sum(1 for a, b in zip(pieces, pieces[1:], strict=False) if b.clock > a.end)
        out += [write_varuint(len(pieces) + skips), _written((client, pieces[0].clock)), *structs]
    out.append(write_varuint(len(parts.deletes)))
    for client, ranges in sorted(parts.deletes.items()):
        out.append(_written((client, len(ranges))))
        out += [_written((first, last - first)) for first, last in ranges]
    return b"".join(out)


def _written(pair: tuple[int, int]) -> bytes:
    return write_varuint(pair[0]) + write_varuint(pair[1])


def union(several: Iterable[Parts], known: Vector | None = None) -> Parts:
    """What all have together and a replica that is at `known` has not, in order and without overlap; all deletes."""
    pieces: dict[int, list[Piece]] = {}
    deletes: Ranges = {}
    for parts in several:
        for client, rows in parts.pieces.items():
            pieces.setdefault(client, []).extend(rows)
        for client, ranges in parts.deletes.items():
            deletes.setdefault(client, []).extend(ranges)
    beyond = {client: _row(client, rows, (known or {}).get(client, 0)) for client, rows in pieces.items()}
    return Parts(
        {client: rows for client, rows in beyond.items() if rows},
        {client: _joined(ranges) for client, ranges in deletes.items()},
    )


def _row(client: int, pieces: list[Piece], clock: int) -> list[Piece]:
    row = []
    for piece in sorted(pieces, key=lambda piece: (piece.clock, -piece.length)):
        if piece.end > clock:
            row.append(_cut(client, piece, clock - piece.clock) if piece.clock < clock else piece)
            clock = piece.end
    return row


def _cut(client: int, piece: Piece, count: int) -> Piece:
    """The piece without its first `count` clocks, as engines split it: what is left follows what was before."""
    clock, length, kind, content = piece.clock + count, piece.length - count, piece.info & _KIND, piece.content
    if piece.info == GC:
        return piece._replace(clock=clock, length=length).grave
    if kind == _DELETED:
        content = write_varuint(length)
    elif kind == _STRING:
        _, at = read_varuint(content, 0)
        units = content[at:].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        text = units[2 * count :].decode("utf-16-le", "replace").encode()
        content = write_varuint(len(text)) + text
    elif kind in (_JSON, _ANY):
        _, at = read_varuint(content, 0)
        content = write_varuint(count) + content[at:]  # to be read as just those that go
        content = write_varuint(length) + content[skip_content(content, 0, kind) :]
    info = kind | _ORIGIN | piece.info & _RIGHT_ORIGIN
    return Piece(clock, length, info, b"", ((client, clock - 1), *piece.right), b"", content)


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def without_deleted(parts: Parts) -> Parts:
    """The same without deleted content; `parts` have all deletes of their document."""
    deleted = Spans(parts.deletes)
    return Parts({client: _emptied(client, rows, deleted) for client, rows in parts.pieces.items()}, parts.deletes)


def _emptied(client: int, pieces: list[Piece], deleted: Spans) -> list[Piece]:
    row: list[Piece] = []
    for piece in pieces:
        if (client, piece.clock) in deleted:  # then all of it: engines split where a delete begins or ends
            is_lost = piece.info == GC or (piece.parent and piece.ids and piece.ids[0] in deleted)
            info = GC if is_lost else piece.info & ~_KIND | _DELETED
            piece = piece.grave if is_lost else piece._replace(info=info, content=write_varuint(piece.length))
            if row and _is_continued(client, row[-1], piece):
                last = row.pop()
                length = last.length + piece.length
                piece = last._replace(length=length, content=write_varuint(length))
        row.append(piece)
    return row


def _is_continued(client: int, last: Piece, piece: Piece) -> bool:
    """Whether a piece without content and the one before it can be one."""
    if last.end != piece.clock or GC in (last.info, piece.info):
        return last.end == piece.clock and last.info == piece.info
    return (
        last.info & _KIND == _DELETED
        and bool(piece.info & _ORIGIN)
        and piece.ids[0] == (client, piece.clock - 1)
        and piece.right == last.right
    )


# What a replica can take


class Spans:
    """Clocks of clients."""

    def __init__(self, ranges: Ranges | None = None) -> None:
        self._ranges: Ranges = ranges or {}

    def __contains__(self, item: Id) -> bool:
        ranges = self._ranges.get(item[0], ())
        at = bisect_right(ranges, (item[1], CLOCKS)) - 1
        return at >= 0 and item[1] < ranges[at][1]

    def add(self, client: int, first: int, last: int) -> None:
        """Add clocks that are not there yet."""
        insort(self._ranges.setdefault(client, []), (first, last))

    def outside(self, client: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """What is left of a range."""
        ranges = self._ranges.get(client, ())
        for start, end in ranges[max(bisect_right(ranges, (first, CLOCKS)) - 1, 0) :]:
            if start >= last:
                break
            if first < start:
                yield first, start
            first = max(first, end)
        if first < last:
            yield first, last


class Graves:
    """What came to the engine without content, which it must not find as a parent or among the siblings of a piece."""

    def __init__(self) -> None:
        self._lost = Spans()  # nothing is known but that it was
        self._empty = Spans()  # these, and deleted items

    def buried(self, client: int, piece: Piece) -> Piece:
        """A piece that is going to be taken: nothing but its clocks, where there is no place for it."""
        if any(item in (self._empty if piece.parent else self._lost) for item in piece.ids):
            piece = piece.grave
        if piece.info == GC:
            self._lost.add(client, piece.clock, piece.end)
        if piece.info == GC or piece.info & _KIND == _DELETED:
            self._empty.add(client, piece.clock, piece.end)
        return piece

    def outside(self, deletes: Ranges) -> Ranges:
        """The deletes of all else: from what is lost the engine does not go on to the rest of a range."""
        found = {
            client: [part for first, last in ranges for part in self._lost.outside(client, first, last)]
            for client, ranges in deletes.items()
        }
        return {client: ranges for client, ranges in found.items() if ranges}


class Split(NamedTuple):
    """Which parts a replica can take now, and which wait; and for what: client -> a clock that has not come."""

    ready: Parts
    waits: Parts
    missing: dict[int, int]


def split(parts: Parts, known: Vector, graves: Graves) -> Split:
    """What of `parts`, a `union` beyond `known`, can be integrated. What is ready is buried where it has to be."""
    clocks, missing = dict(known), dict[int, int]()
    ready: dict[int, list[Piece]] = {client: [] for client in parts.pieces}
    blocked: dict[int, list[int]] = {}  # client -> those who need it
    todo = [*parts.pieces]
    while todo:
        client = todo.pop()
        before, needed = len(ready[client]), None
        for piece in islice(parts.pieces[client], before, None):
            if needed := _needed(client, piece, clocks):
                blocked.setdefault(needed[0], []).append(client)
                break
            clocks[client] = piece.end
            ready[client].append(graves.buried(client, piece))
        if len(ready[client]) > before:
            todo += (other for other in blocked.pop(client, ()) if other != client)
    waits = {client: rest for client, rows in parts.pieces.items() if (rest := rows[len(ready[client]) :])}
    _lower(missing, [_needed(client, rest[0], clocks) for client, rest in waits.items()])
    now, later = _parted(parts.deletes, clocks)
    _lower(missing, [(client, ranges[0][0]) for client, ranges in later.items()])
    taken = Parts({client: rows for client, rows in ready.items() if rows}, graves.outside(now))
    return Split(taken, Parts(waits, later), missing)


def _needed(client: int, piece: Piece, clocks: Vector) -> Id | None:
    """What has to come before a piece, and has not."""
    if piece.clock > clocks.get(client, 0):
        return client, piece.clock - 1
    return next(((other, clock) for other, clock in piece.ids if clock >= clocks.get(other, 0)), None)


def _lower(missing: dict[int, int], ids: Iterable[Id | None]) -> None:
    for client, clock in filter(None, ids):
        missing[client] = min(clock, missing.get(client, clock))


def _parted(deletes: Ranges, clocks: Vector) -> tuple[Ranges, Ranges]:
    """Deletes of what is there, and of what has not come."""
    now: Ranges = {}
    later: Ranges = {}
    for client, ranges in deletes.items():
        known = clocks.get(client, 0)
        for first, last in ranges:
            if first < min(last, known):
                now.setdefault(client, []).append((first, min(last, known)))
            if max(first, known) < last:
                later.setdefault(client, []).append((max(first, known), last))
    return now, later


def merge(updates: Sequence[bytes]) -> bytes:
    """One update that equals all of `updates`; nothing is dropped, waiting or not."""
    return updates[0] if len(updates) == 1 else write(union(map(read, updates)))


# The replica


class Labels:
    """Client ids as the engine gets them: of 32 bits, and in the same order, by which it decides who comes first."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = sorted({*ids})
        step = CLIENTS // (len(self._ids) + 1)
        self.label_of = {client: (n + 1) * step for n, client in enumerate(self._ids)}
        self.id_of = {label: client for client, label in self.label_of.items()}

    def learn(self, ids: Iterable[int]) -> bool:
        """Give labels to those that have none; False when there is none left between two, which takes a few dozen."""
        for client in ids:
            if client not in self.label_of:
                at = bisect_left(self._ids, client)
                low = self.label_of[self._ids[at - 1]] if at else 0
                high = self.label_of[self._ids[at]] if at < len(self._ids) else CLIENTS
                if high - low < 2:
                    return False
                label = client if low < client < high else (low + high) // 2
                self._ids.insert(at, client)
                self.label_of[client], self.id_of[label] = label, client
        return True

    def anew(self, ids: Iterable[int]) -> Labels:
        """Other labels, for these as well."""
        return Labels([*self._ids, *ids])


class YpyReplica:
    """A `Replica` on a `y_py.YDoc`."""

    def __init__(self, doc_type: str = "") -> None:
        self.displaced: dict[str, dict[str, Any]] = {}
        self._is_notebook = doc_type == "notebook"
        self._is_doubled: bool | None = False  # None for not known
        self._own = random.getrandbits(32)
        self._labels = Labels([self._own])
        self._known: dict[int, int] = {}  # as of when what waits was last looked at
        self._missing: dict[int, int] = {}  # what it waits for
        # Not a circle, which would be dropped by whatever thread collects garbage.
        me = weakref.proxy(self)
        self._waiting = Waiting(merge, lambda row: me._still_waiting(row))
        self._begin()

    def _begin(self) -> None:
        self._deleted = False
        self._own_edit: bytes | None = None  # bytes while `put` edits: then the edit's update
        self._graves = Graves()
        self._doc = y_py.YDoc(client_id=self._labels.label_of[self._own], skip_gc=True)
        me = weakref.WeakMethod(self._on_change)

        def tell(event: Any) -> None:
            if call := me():
                call(event)

        self._doc.observe_after_transaction(tell)

    @property
    def is_doubled(self) -> bool:
        if self._is_doubled is None:
            try:
                with _refusing("rejected_update"):
                    cells = [*self._doc.get_array("cells")]  # copies, as y-py gives them: 60 ms for 2.5 MB
            except LiveError:  # it panics at keys that are not UTF-8
                cells = []
            ids = [str(cell["id"]) for cell in cells if isinstance(cell, dict) and "id" in cell]
            self._is_doubled = len({*ids}) < len(ids)
        return self._is_doubled

    def apply(self, update: bytes, origin: Origin) -> bool:
        if origin is Origin.MEMBER:
            self.check(update)
        else:
            check_update(update)
        return self._integrate(update)

    def check(self, update: bytes) -> bool:
        check_update(update)
        check_strictly(update)
        self._waiting.check_room(update)
        return True

    def apply_together(self, updates: Sequence[bytes]) -> tuple[bytes, bool]:
        update = merge(updates)
        return update, self._integrate(update)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return merge(updates)

    def brings(self, update: bytes) -> bool:
        check_update(update)
        check_strictly(update)
        rest = union([read(update)], self._known)
        return bool(rest.pieces) or not deletes_within(rest.deletes, self._encode(self._known).deletes)

    def state(self) -> bytes:
        return write_vector(self._known)

    def diff(self, state: bytes) -> bytes:
        check_vector(state)
        return write(union([self._encode(read_vector(state)), *map(read, self._waiting.rows())]))

    def snapshot(self) -> bytes:
        return self.diff(b"\x00")

    def put(self, values: dict[str, Any]) -> bytes | None:
        state = self._doc.get_map("state")
        new = {key: value for key, value in values.items() if key not in state or state[key] != value}
        if not new:
            return None
        self._own_edit = b""
        begun: Any = self._doc.begin_transaction()  # y-py's types of it are wrong
        with begun as transaction:
            for key, value in new.items():
                state.set(transaction, key, value)
        own, self._own_edit = self._own_edit, None
        self._known = self._vector()
        return write(read(own).renamed(self._labels.id_of))

    def _integrate(self, update: bytes) -> bool:
        ready, waits, missing = split(union([read(update)], self._known), self._known, self._graves)
        if waits:
            _try_to_read(waits)
        changed = self._take(ready)
        is_news = bool(waits) and self._waiting.add(write(waits))
        _lower(self._missing, missing.items())
        known = self._vector() if changed else self._known
        if any(known.get(client, 0) > clock for client, clock in self._missing.items()):
            # Only now are deletes that waited done: until here `_known` keeps them from being taken for done.
            ready, _, self._missing = split(union(map(read, self._waiting.rows()), known), known, self._graves)
            self._take(ready)
            known = self._vector()
        self._known = known
        return is_news or changed

    def _take(self, ready: Parts) -> bool:
        """Give the engine what it can integrate; returns whether that changed anything."""
        if not ready:
            return False
        if not self._labels.learn(ready.pieces):
            self._relabel(ready.pieces)
        self._deleted = False
        with _refusing("rejected_update"):
            y_py.apply_update(self._doc, write(ready.renamed(self._labels.label_of)))
        if self._is_notebook:
            self._is_doubled = None
        return bool(ready.pieces) or self._deleted

    def _relabel(self, clients: Iterable[int]) -> None:
        """Have the document anew, with other labels."""
        whole = self._encode({})
        self._labels = self._labels.anew(clients)
        self._begin()
        ready, _, _ = split(union([whole]), {}, self._graves)
        y_py.apply_update(self._doc, write(ready.renamed(self._labels.label_of)))

    def _vector(self) -> dict[int, int]:
        labels = read_vector(y_py.encode_state_vector(self._doc))
        return {self._labels.id_of[label]: clock for label, clock in labels.items()}

    def _encode(self, state: Vector) -> Parts:
        """What the engine has beyond `state`, and all that is deleted."""
        labels = self._labels.label_of
        vector = write_vector({labels[c]: min(clock, CLOCKS - 1) for c, clock in state.items() if c in labels})
        with _refusing("malformed_frame"):
            update = y_py.encode_state_as_update(self._doc, vector)
        return without_deleted(read(update)).renamed(self._labels.id_of)

    def _still_waiting(self, row: bytes) -> bytes | None:
        parts = union([read(row)], self._known)
        rest = Parts(parts.pieces, _parted(parts.deletes, self._known)[1])
        return write(rest) if rest else None

    def _on_change(self, event: y_py.AfterTransactionEvent) -> None:
        self._deleted = self._deleted or event.delete_set != b"\x00"
        if self._own_edit is not None:  # for updates of others it panics at times
            self._own_edit = event.get_update()


class YpyEngine:
    """An `Engine` for relay processes that serve loopback only."""

    is_hardened: ClassVar[bool] = False

    def replica(self, doc_type: str = "") -> YpyReplica:
        return YpyReplica(doc_type)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return merge(updates)

    def lacking(self, updates: Sequence[bytes], state: bytes) -> bytes:
        for update in updates:
            check_update(update)
            check_strictly(update)
        return write(union(map(read, updates), read_vector(state)))

    def fold(self, updates: Sequence[bytes]) -> bytes:
        return self.fold_onto([], updates)

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
        replica = YpyReplica()
        for update in before:
            replica.apply(update, Origin.LOG)
        state = replica.state()
        for update in updates:
            replica.apply(update, Origin.LOG)
        return replica.diff(state)


def _try_to_read(parts: Parts) -> None:
    """Have the engine read what waits, in a document that is thrown away: what it refuses must not wait."""
    with _refusing("rejected_update"):
        y_py.apply_update(y_py.YDoc(), write(parts))


@contextmanager
def _refusing(code: str) -> Iterator[None]:
    """Turn whatever the engine throws at bad bytes into a LiveError; a `PanicException` is a BaseException."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, LiveError):
        raise
    except BaseException as error:
        raise LiveError(code, f"{type(error).__name__}: {error}"[:200]) from None
