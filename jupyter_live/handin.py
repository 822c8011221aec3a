"""What a client hands in that cannot go on by plain sync: its copy of a history, with edits the server may lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files import convert, merge
from jupyter_live.ids import Epoch, Origin
from jupyter_live.merging import conflicts_of
from jupyter_live.room import Room


@dataclass(frozen=True, slots=True)
class Held:
    """A client's copy of a history. Both are updates.

    `base` is the document as the client last knew it to be in the file (b"" if it never did); `mine`, applied on top of
    it, gives all that the client has.
    """

    epoch: Epoch
    base: bytes
    mine: bytes

    @property
    def updates(self) -> list[bytes]:
        return [update for update in (self.base, self.mine) if update]

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.base) + len(self.mine)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of it. `outcome` is the wire's: `adopted`, `merged` or `rebased`."""

    epoch: Epoch
    outcome: str
    changed: int = 0
    conflicts: tuple[dict[str, Any], ...] = ()
    copy: str | None = None
    """The file that the client's version was saved as, where it cannot be told what the client did."""


async def hand_in(room: Room, held: Held, author: str) -> HandedIn:
    """Bring what a client holds into an open document; durable on return. Doing it again changes nothing.

    Raises LiveError `rejected_update` for bytes that are no document, `log_failed` when it cannot be made durable, and
    why the file cannot be saved where only that would.
    """
    result = await (_merge if held.epoch == room.epoch else _rebase)(room, held, author)
    await room.journal.flush()
    if not room.filing.is_lasting:  # the next server will not look into this log: let the file keep it
        _, error = await room.bridge.save()
        if error:
            raise error
    return result


async def _merge(room: Room, held: Held, author: str) -> HandedIn:
    """The same history: the engine merges exactly. Only what was done to a cell that has been moved needs help.

    A move deletes a cell and makes a new one with its id; edits of the deleted one would be gone.
    """
    before = room.whole.updates()
    for update in await room.whole.lacking(held.updates):
        room.add(update, Origin.MEMBER, author)
    if room.name.type != "notebook" or not held.base:
        return HandedIn(room.epoch, "merged")
    base, mine = await _contents(room, held)
    moved = await work.run(held.size + sum(map(len, before)), merge.moved, base, mine, held.updates, before)
    if not moved:
        return HandedIn(room.epoch, "merged")
    merged = await room.merging.merge(base, mine, Origin.MEMBER, author, only=moved)
    return HandedIn(room.epoch, "merged", merged.changed, tuple(conflicts_of(merged)))


async def _rebase(room: Room, held: Held, author: str) -> HandedIn:
    """Another history: bring over what the client did, by cell and line."""
    base, mine = await _contents(room, held)
    if not held.base and base.fingerprint != mine.fingerprint:
        return HandedIn(room.epoch, "rebased", copy=await room.bridge.write_copy(mine, "recovered"))
    if base.fingerprint == mine.fingerprint:
        return HandedIn(room.epoch, "rebased")
    merged = await room.merging.merge(base, mine, Origin.MEMBER, author)
    return HandedIn(room.epoch, "rebased", merged.changed, tuple(conflicts_of(merged)))


async def _contents(room: Room, held: Held) -> tuple[convert.Content, convert.Content]:
    try:
        mine = await work.run(held.size, convert.to_content, room.name.type, *held.updates)
        base = [held.base] if held.base else room.whole.updates()
        return await work.run(sum(map(len, base)), convert.to_content, room.name.type, *base), mine
    except LiveError as error:
        raise LiveError("rejected_update", error.detail) from error
