"""What a client hands in that cannot go on by plain sync: its copy of a history, with edits the server may lack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files import align, convert, merge
from jupyter_live.held import HandedIn, Held
from jupyter_live.ids import Origin
from jupyter_live.merging import conflicts_of
from jupyter_live.room import Room


async def hand_in(room: Room, held: Held, author: str) -> HandedIn:
    """Bring what a client holds into an open document; durable on return. Doing it again changes nothing.

    Raises LiveError `rejected_update` for bytes that are no document, `log_failed` when it cannot be made durable, and
    why the file cannot be saved where only that would.
    """
    async with room.hand_ins.turn:
        result = await room.hand_ins.once(held, lambda former: _bring(room, held, author, former))
        await room.journal.flush()
        if not room.filing.is_lasting:  # the next server will not look into this log: let the file keep it
            _, error = await room.save()
            if error:
                raise error
        await room.hand_ins.remember()
    return result


async def _bring(room: Room, held: Held, author: str, former: Sequence[bytes]) -> HandedIn:
    """`former` is all that the document had when it got another epoch than the client's, where that is known."""
    if held.epoch == room.epoch:
        return await _merge(room, held, author)
    return await (_rebase_on(former, room, held, author) if former else _rebase(room, held, author))


async def _merge(room: Room, held: Held, author: str) -> HandedIn:
    """The same history: the engine merges exactly. Only what was done to a cell that has been moved needs help."""
    before = room.whole.updates()
    for update in await room.whole.lacking(held.updates):
        room.add(update, Origin.MEMBER, author)
    return _told(room, "merged", await _bring_into_moved(room, held, author, before))


async def _rebase_on(former: Sequence[bytes], room: Room, held: Held, author: str) -> HandedIn:
    """A history that got another epoch: bring over what the client did on top of what that had, by cell and line.

    What the client knows to be in the file may be less, and more: the log that had `former` may have gone back.
    """
    known = [*former, *([held.base] if held.base else [])]
    updates = [*known, held.mine]
    base = await _content(room, known)
    if taken := await _taken_along(room, held, base, known, updates):
        updates.append(taken)
    if left := await _left_behind(room, held, former, updates):
        updates.append(left)
    mine = await _content(room, updates)

    def bring() -> Awaitable[align.Merged | None]:
        return _merged(room, base, mine, author)

    merged = await (_alone(room, bring) if left else bring())
    return _told(room, "rebased", merged) if merged else await _kept_aside(room, mine)


async def _taken_along(
    room: Room, held: Held, former: convert.Content, known: Sequence[bytes], updates: Sequence[bytes]
) -> bytes | None:
    """What others did, in `former`, to cells that the client moved and had not seen it: it goes with the move."""
    if room.name.type != "notebook":
        return None
    was = await _content(room, [held.base]) if held.base else convert.packed({"cells": []})
    moved = await work.run(_size(updates), merge.moved, was, former, known, held.updates)
    if not moved:
        return None
    return (await work.run(_size(updates), merge.merge, "notebook", was, former, updates, moved)).update


async def _left_behind(room: Room, held: Held, former: Sequence[bytes], updates: Sequence[bytes]) -> bytes | None:
    """What the client did to cells that others moved, in `former`, and had not seen that: it goes after them.

    There they still have the ids by which they are known; in a file without ids they may have others by now.
    """
    # What only the log had counts as new: it may be lost with it.
    found = await _edited_and_moved(room, held, [held.base] if held.base else [], former)
    if found is None:
        return None
    base, mine, moved = found
    return (await work.run(_size(updates), merge.merge, "notebook", base, mine, updates, moved, True)).update


async def _rebase(room: Room, held: Held, author: str) -> HandedIn:
    """Another history: bring over what the client did, by cell and line."""
    known = held.base or held.logged
    base, mine = await _contents(room, [known] if known else room.whole.updates(), held.updates)
    if base.fingerprint == mine.fingerprint or (not known and mine.is_blank):
        return HandedIn(room.epoch, "rebased")
    merged = await _merged(room, base, mine, author) if known else None
    return _told(room, "rebased", merged) if merged else await _kept_aside(room, mine)


async def _merged(room: Room, base: convert.Content, mine: convert.Content, author: str) -> align.Merged | None:
    """Bring over what the client did; None where that cannot be told, as in a type that another package brings."""
    try:
        return await room.merging.merge(base, mine, Origin.MEMBER, author)
    except LiveError as error:
        if error.code != "file_changed":
            raise
        return None


async def _kept_aside(room: Room, mine: convert.Content) -> HandedIn:
    return HandedIn(room.epoch, "rebased", copy=await room.bridge.write_copy(mine, "recovered"))


async def _bring_into_moved(room: Room, held: Held, author: str, others: Sequence[bytes]) -> align.Merged | None:
    """What the client did to cells that are moved in `others`, a document of the same history.

    A move deletes a cell and makes a new one with its id; edits of the deleted one would be gone.
    """
    found = await _edited_and_moved(room, held, held.known, others)
    if found is None:
        return None
    base, mine, moved = found
    return await _alone(room, lambda: room.merging.merge(base, mine, Origin.MEMBER, author, only=moved))


async def _edited_and_moved(
    room: Room, held: Held, known: Sequence[bytes], others: Sequence[bytes]
) -> tuple[convert.Content, convert.Content, set[str]] | None:
    """What is `known`, what the client has, and which of the cells that it changed since are moved in `others`."""
    if room.name.type != "notebook" or not known:
        return None
    base, mine = await _contents(room, known, held.updates)
    moved = await work.run(held.size + _size(others), merge.moved, base, mine, held.updates, others)
    return (base, mine, moved) if moved else None


async def _alone(room: Room, bring: Callable[[], Awaitable[align.Merged | None]]) -> align.Merged | None:
    """Bring edits of moved cells. Other processes to which the move came may know and bring them too: one at a time."""
    merged, is_here = None, False
    try:
        async with room.alone():
            merged = await bring()
            is_here = True
    except LiveError:
        if not is_here:
            raise
        # Else it is not durable yet: who asks for that next hears so.
    return merged


def _told(room: Room, outcome: str, *merges: align.Merged | None) -> HandedIn:
    done = [merged for merged in merges if merged]
    conflicts = tuple(conflict for merged in done for conflict in conflicts_of(merged))
    return HandedIn(room.epoch, outcome, sum(merged.changed for merged in done), conflicts)


async def _contents(
    room: Room, base: Sequence[bytes], mine: Sequence[bytes]
) -> tuple[convert.Content, convert.Content]:
    content = await _content(room, mine)
    return await _content(room, base), content


async def _content(room: Room, updates: Sequence[bytes]) -> convert.Content:
    try:
        return await work.run(_size(updates), convert.to_content, room.name.type, *updates)
    except LiveError as error:
        raise LiveError("rejected_update", error.detail) from error


def _size(updates: Sequence[bytes]) -> int:
    return sum(map(len, updates))
