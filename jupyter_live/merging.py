"""What was done to a document's content elsewhere: by other programs, in other histories, in cells that were moved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import Any

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files import align
from jupyter_live.files.convert import Content, packed
from jupyter_live.files.merge import mended, merge
from jupyter_live.ids import DocumentName, Origin
from jupyter_live.member import Member
from jupyter_live.whole import Whole

log = logging.getLogger(__name__)

MENDED_AFTER = 0.3
"""Seconds that a cell may be there twice: who moves one may send its new place and the deletion one after the other."""

RESCUE_AGAIN = 1.0  # seconds, while the log fails

Add = Callable[[bytes, Origin, str], None]
Alone = Callable[[], AbstractAsyncContextManager[None]]
"""Within it no other process does the same. Raises LiveError when that cannot be."""


class Merging:
    """Brings it into one room's document as ordinary edits, worked out off the event loop. `add` takes them.

    `end_turn` brings what members have sent so far into the document.
    """

    def __init__(
        self, name: DocumentName, whole: Whole, members: set[Member], add: Add, end_turn: Callable[[], None]
    ) -> None:
        self._name = name
        self._whole = whole
        self._members = members
        self._add = add
        self._end_turn = end_turn
        self._one_at_a_time = asyncio.Lock()  # two merges of the same edit at once would both bring it
        self._rescues: set[asyncio.Task[None]] = set()
        self._held_up: set[asyncio.Task[None]] = set()
        self._mending: asyncio.Task[None] | None = None
        self._untold: dict[str, Any] | None = None

    async def merge(
        self, base: Content, changed: Content, origin: Origin, author: str = "", only: Collection[str] | None = None
    ) -> align.Merged:
        """Bring the difference between two contents into the document (of the cells `only`).

        What members hand in may have been brought by others of them before. Raises LiveError `file_changed` for a type
        of document that cannot be merged.
        """
        async with self._one_at_a_time:
            self._end_turn()
            live, state = self._whole.updates(), self._whole.replica.state()
            again = origin is Origin.MEMBER
            size = sum(map(len, live)) + base.size + changed.size
            merged = await work.run(size, merge, self._name.type, base, changed, live, only, again)
            self._end_turn()  # else what has just come would not show in the state
            # Who typed meanwhile into a cell that the merge moves is as a member who moves it: not all was seen.
            self.absorb(merged, origin if self._whole.replica.state() == state else Origin.MEMBER, author)
            return merged

    async def mend(self) -> bool:
        """Leave one cell of each id, with what the others of it have more; returns whether one was there twice."""
        async with self._one_at_a_time:
            self._end_turn()
            live, state = self._whole.updates(), self._whole.replica.state()
            update = await work.run(sum(map(len, live)), mended, live)
            self._end_turn()
            if update:
                is_as_seen = self._whole.replica.state() == state
                self._add(update, Origin.SERVER if is_as_seen else Origin.MEMBER, "")
            return update is not None

    def mend_soon(self) -> None:
        """Mend it in a moment, if it is still doubled by then."""
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._mend_later(), name=f"jupyter-live-mend {self._name.id}")

    def absorb(self, merged: align.Merged, origin: Origin, author: str = "") -> None:
        """Take the edits of a merge. What members did meanwhile merges with them like with any other update."""
        if merged.update is not None:
            self._add(merged.update, origin, author)

    def rescue(
        self,
        displaced: dict[str, Any],
        done: Callable[[], None] = lambda: None,
        held_up: Callable[[LiveError], None] = lambda error: None,
        *,
        alone: Alone | None = None,
    ) -> None:
        """Bring what was in cells before somebody moved them, who had not seen it all, into what they are now.

        `displaced` are these cells by id, as they were. `done` is called when it is there, or cannot be. Where other
        processes may do the same, this one does it `alone`, and brings what they have left; `held_up` hears each time
        that it cannot be alone now.
        """
        work = self._rescue_alone(displaced, done, held_up, alone) if alone else self._rescue_here(displaced, done)
        task = asyncio.create_task(work, name=f"jupyter-live-rescue {self._name.id}")
        self._rescues.add(task)
        task.add_done_callback(self._rescues.discard)

    async def rescued(self) -> None:
        """Until nothing is being rescued any more, or all that is is held up."""
        while rescues := self._rescues - self._held_up:
            await asyncio.wait(rescues, timeout=RESCUE_AGAIN)

    async def close(self) -> None:
        """End all work. What has not been mended yet will be when the document is opened again."""
        if self._mending:
            self._mending.cancel()
            await asyncio.wait([self._mending])
        await self.rescued()
        for task in self._rescues:
            task.cancel()
        if self._rescues:
            await asyncio.wait(self._rescues)

    def tell(self, merged: align.Merged) -> None:
        """Tell the members, or whoever comes first, that a change of the file was merged."""
        notice = {"type": "merged", "changed": merged.changed, "conflicts": conflicts_of(merged)}
        for member in self._members:
            member.notify(notice)
        self._untold = None if self._members else notice

    def greet(self, member: Member) -> None:
        """Tell the first who comes what nobody has been told yet."""
        if self._untold:
            member.notify(self._untold)
            self._untold = None

    async def _mend_later(self) -> None:
        try:
            is_news = True
            while is_news and self._whole.replica.is_doubled:
                await asyncio.sleep(MENDED_AFTER)
                is_news = await self.mend()
        except Exception:
            log.exception("server_error: %s: a cell that is there twice stays so until it is saved", self._name.id)

    async def _rescue(self, displaced: dict[str, Any], origin: Origin) -> None:
        try:
            nothing, cells = packed({"cells": []}), packed({"cells": [*displaced.values()]})
            await self.merge(nothing, cells, origin, only=[*displaced])
        except Exception:
            log.exception("server_error: %s: what was typed into moved cells may be lost", self._name.id)

    async def _rescue_here(self, displaced: dict[str, Any], done: Callable[[], None]) -> None:
        try:
            await self._rescue(displaced, Origin.SERVER)
        finally:
            done()

    async def _rescue_alone(
        self,
        displaced: dict[str, Any],
        done: Callable[[], None],
        held_up: Callable[[LiveError], None],
        alone: Alone,
    ) -> None:
        is_done, me = False, asyncio.current_task()
        assert me
        try:
            while not is_done:
                try:
                    async with alone():
                        await self._rescue(displaced, Origin.MEMBER)  # as what others may have brought before
                        done()  # before the next one looks, what has been brought must be in the log
                        is_done = True
                except LiveError as error:
                    if error.code == "unknown_session":  # nothing more of this history will be logged
                        return
                    log.warning("%s: what was typed into moved cells has to wait: %s", self._name.id, error)
                    self._held_up.add(me)
                    if not is_done:
                        held_up(error)
                    await asyncio.sleep(RESCUE_AGAIN)
        finally:
            self._held_up.discard(me)
            if not is_done:
                done()


def conflicts_of(merged: align.Merged) -> list[dict[str, Any]]:
    """The conflicts of a merge as they are told to clients."""
    return [asdict(conflict) for conflict in merged.conflicts]
