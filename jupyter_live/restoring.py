"""Bringing back what a document was, as edits of the document that it is by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files.packing import unpack
from jupyter_live.ids import Identity, Origin
from jupyter_live.log.moments import Moments
from jupyter_live.merging import conflicts_of
from jupyter_live.room import Room


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of it. `changed` counts cells, or places in a text; `conflicts` are as those of any merge.

    `before` is the moment that was made of the document as it was. `error` is why the file does not have it yet; it is
    safe in the log all the same.
    """

    before: int
    changed: int
    conflicts: tuple[dict[str, Any], ...]
    error: LiveError | None = None


async def restore(room: Room, moments: Moments, number: int, who: Identity) -> Restored:
    """Make an open document what it was at a moment; what others type meanwhile stays. Durable on return.

    What it is before, and what it is then, are moments themselves: so this can be undone. Raises LiveError
    `unknown_moment`, `log_failed` when that cannot be kept (nothing has happened then), and `not_restored` for a type
    that cannot be merged with what was done meanwhile.
    """
    async with room.timeline.restoring:
        found = await moments.get(room.document, number)
        if found is None:
            raise LiveError("unknown_moment", f"{room.document}: {number}")
        moment, data = found
        room.timeline.know(who.username, who.display_name or who.name or who.username)
        now = await room.keeper.keep_moment()
        await room.timeline.kept()
        before = (await moments.of(room.document))[-1].id
        if now.fingerprint == moment.fingerprint:
            return Restored(before, 0, ())
        wanted = await work.run(moment.size + now.size, unpack, data, now)
        try:
            merged = await room.merging.merge(now, wanted, Origin.SERVER, who.username)
        except LiveError as error:
            raise LiveError("not_restored", error.detail) if error.code == "file_changed" else error from error
        if merged.update is None:
            return Restored(before, 0, ())
        room.timeline.restored(moment.at)
        await room.journal.flush()
        _, problem = await room.save()
        if problem or not room.bridge.has_file:  # else the save has kept it
            await room.keeper.keep_moment()
        await room.timeline.kept()
        return Restored(before, merged.changed, tuple(conflicts_of(merged)), problem)
