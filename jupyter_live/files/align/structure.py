"""Three-way merge of shared structures that only a package of somebody else knows: maps by key, lists by item."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import pycrdt

from jupyter_live.errors import LiveError
from jupyter_live.files.align.sequence import Block, Gap, blocks, gaps
from jupyter_live.files.align.text import apply, merge_text
from jupyter_live.files.align.values import ABSENT, merge_value

Shared: TypeAlias = "pycrdt.Map[Any] | pycrdt.Array[Any] | pycrdt.Text"

_TREES = (pycrdt.XmlFragment, pycrdt.XmlElement, pycrdt.XmlText, pycrdt.Doc)  # shared, but not known here
_SHARED = (pycrdt.Map, pycrdt.Array, pycrdt.Text, *_TREES)

_NAMED_BY = ("id", "name")  # what tells which item of a list is which, where all items have another one


def merge_shared(was: Shared, now: Shared, live: Shared) -> int:
    """Carry what was done between `was` and `now`, two copies, over to a live one; returns at how many places.

    Raises LiveError `file_changed` where both sides did something to the same, perhaps after some edits: the live copy
    is no good then. So it does for structures that are neither map, list nor text.
    """
    old, new, here = plain(was), plain(now), plain(live)
    if new in (old, here):
        return 0
    if isinstance(was, pycrdt.Map) and isinstance(now, pycrdt.Map) and isinstance(live, pycrdt.Map):
        return _merge_maps(was, now, live)
    if isinstance(was, pycrdt.Array) and isinstance(now, pycrdt.Array) and isinstance(live, pycrdt.Array):
        return _Lists(was, now, live, [old, new, here]).merge()
    if isinstance(was, pycrdt.Text) and isinstance(now, pycrdt.Text) and isinstance(live, pycrdt.Text):
        return _merge_texts(was, now, live)
    raise _clash(f"{type(live).__name__} is not known")


def plain(value: Any) -> Any:
    """A shared value as what it would be without being shared."""
    if isinstance(value, pycrdt.Map | pycrdt.Array | pycrdt.Text):
        return value.to_py()
    return str(value) if isinstance(value, _SHARED) else value


def _merge_maps(was: pycrdt.Map[Any], now: pycrdt.Map[Any], live: pycrdt.Map[Any]) -> int:
    places = 0
    for key in dict.fromkeys([*was.keys(), *now.keys()]):
        old, new, here = was.get(key, ABSENT), now.get(key, ABSENT), live.get(key, ABSENT)

        def put(value: Any, key: str = key) -> None:
            if value is ABSENT:
                del live[key]
            else:
                live[key] = value

        places += _merge_one(old, new, here, put, key)
    return places


def _merge_one(old: Any, new: Any, here: Any, put: Callable[[Any], None], where: str) -> int:
    """Merge what is in one place: inside of it, if it is shared on all sides, else by `put`."""
    if all(isinstance(value, _SHARED) for value in (old, new, here)):
        return merge_shared(old, new, here)
    if plain(new) in (plain(old), plain(here)):
        return 0
    if plain(here) == plain(old):
        put(_copy(new))
        return 1
    merged, clashes = merge_value(plain(old), plain(new), plain(here))
    if clashes or isinstance(here, _SHARED) or isinstance(new, _SHARED):
        raise _clash(where)
    put(merged)
    return 1


def _merge_texts(was: pycrdt.Text, now: pycrdt.Text, live: pycrdt.Text) -> int:
    here = str(live)
    merge = merge_text(str(was), str(now), here)
    if merge.clashes:
        raise _clash("a text")
    apply(live, here, merge.edits)
    return merge.places


class _Lists:
    """A list in three versions, item by item: which is which is told by a name, else by all that is in it."""

    def __init__(
        self, was: pycrdt.Array[Any], now: pycrdt.Array[Any], live: pycrdt.Array[Any], items: list[list[Any]]
    ) -> None:
        self.was, self.now, self.live = was, now, live
        self.items = items
        """Of the three, as they would be without being shared: to ask for that takes longer than all the rest."""
        names = _names(items)
        self.has_names = names is not None
        self.a, self.b, self.c = names or [
            [json.dumps(item, sort_keys=True, default=str) for item in each] for each in items
        ]
        self.here = {i: k for block in blocks(self.a, self.c) for i, k in _pairs(block)}
        """Where items of `was` are in the live list."""
        self.known, self.wanted, self.found = map(_places, (self.a, self.b, self.c))

    def merge(self) -> int:
        places = sum(self._merge_item(i, j) for block in blocks(self.a, self.b) for i, j in _pairs(block))
        # From the end, so that the places before stay what they are.
        return places + sum([self._merge_gap(gap) for gap in reversed([*gaps(self.a, self.b)])])

    def _merge_item(self, i: int, j: int) -> int:
        if self.items[1][j] == self.items[0][i]:
            return 0
        k = self.found.get(self.a[i], -1) if self.has_names else self.here.get(i, -1)  # also where it was moved to
        if k < 0:
            raise _clash(f"{self.a[i]:.40} was taken out")

        def put(value: Any) -> None:
            self.live[k] = value

        return _merge_one(self.was[i], self.now[j], self.live[k], put, self.a[i])

    def _merge_gap(self, gap: Gap) -> int:
        """Take out and put in what was taken out and put in between two items that stayed."""
        start = max((self.here[i] + 1 for i in range(gap.a_start) if i in self.here), default=0)
        end = min((self.here[i] for i in range(gap.a_end, len(self.a)) if i in self.here), default=len(self.c))
        for i in range(gap.a_start, gap.a_end):
            if self.has_names and i not in self.here and self.a[i] in self.found and self.a[i] not in self.wanted:
                raise _clash(f"{self.a[i]:.40} was moved, and taken out")
        if self.items[2][start:end] == self.items[1][gap.b_start : gap.b_end]:
            return 0
        if not self.has_names and self.c[start:end] != self.a[gap.a_start : gap.a_end]:
            raise _clash("items of a list")  # nothing tells which of them is which
        gone = [self.here[i] for i in range(gap.a_start, gap.a_end) if self._is_to_go(i)]
        new = [_copy(self.now[j]) for j in range(gap.b_start, gap.b_end) if self._is_to_come(j)]
        for index, item in enumerate(new):
            self.live.insert(end + index, item)
        for k in reversed(gone):
            del self.live[k]
        return 1

    def _is_to_go(self, i: int) -> bool:
        if i not in self.here:
            return False
        if self.items[2][self.here[i]] != self.items[0][i]:
            raise _clash(f"{self.a[i]:.40} was changed, and taken out or moved")
        return True

    def _is_to_come(self, j: int) -> bool:
        name = self.b[j]
        if not self.has_names:
            return True
        if name in self.known:  # it is taken out elsewhere in the list
            if self.known[name] not in self.here:
                raise _clash(f"{name:.40} was moved, and taken out or moved")
            return True
        if name not in self.found:
            return True
        if self.items[2][self.found[name]] != self.items[1][j]:
            raise _clash(f"{name:.40} was put in on both sides")
        return False


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _pairs(block: Block) -> Iterator[tuple[int, int]]:
    return ((block.a_start + n, block.b_start + n) for n in range(block.size))


def _names(lists: Sequence[Sequence[Any]]) -> list[list[str]] | None:
    """The names of all items, if they have some."""
    for field in _NAMED_BY:
        names = [[str(item[field]) for item in items if _has(item, field)] for items in lists]
        if all(len(set(found)) == len(items) for found, items in zip(names, lists, strict=True)):
            return names
    return None


def _has(item: Any, field: str) -> bool:
    return isinstance(item, dict) and isinstance(item.get(field), str)


def _copy(value: Any) -> Any:
    """A shared value for another document."""
    if isinstance(value, pycrdt.Map):
        return pycrdt.Map({key: _copy(each) for key, each in value.items()})
    if isinstance(value, pycrdt.Array):
        return pycrdt.Array([_copy(each) for each in value])
    if isinstance(value, pycrdt.Text):
        return pycrdt.Text(str(value))
    if isinstance(value, _SHARED):
        raise _clash(f"{type(value).__name__} is not known")
    return bytes(value) if isinstance(value, bytearray) else value  # which the engine gives, and does not take


def _clash(where: str) -> LiveError:
    return LiveError("file_changed", f"changed on both sides: {where}")
