"""What happens to documents, brought into those forks of them that are to be kept in step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from jupyter_live import work
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.forking import ALL
from jupyter_live.ids import DocumentId, DocumentName, Fork, Origin
from jupyter_live.listening import Happening, What
from jupyter_live.log import UpdateLog
from jupyter_live.room import Room
from jupyter_live.rooms import Rooms

log = logging.getLogger(__name__)


class Mirror:
    """Follows the root of one open fork, as long as both have the same history.

    What comes is logged after the root has logged it: after a crash no fork has what the log of its root has not.
    """

    def __init__(self, fork: Fork, room: Room, update_log: UpdateLog, engine: Engine) -> None:
        self.fork = fork
        self._room = room
        self._log = update_log
        self._engine = engine
        self._root: Room | None = None
        self._updates: list[bytes] = []
        self._catching_up: asyncio.Task[None] | None = None
        self._was_in_step = False

    def follow(self, root: Room | None) -> None:
        """Bring what the root has that the fork lacks; and what comes, if the root is open."""
        self._let_go()
        if root is not None and root.epoch == self.fork.root_epoch:
            self._root = root
            root.mirrors.add(self._take)
        previous = self._catching_up
        name = f"jupyter-live-mirror {self.fork.document}"
        self._catching_up = asyncio.create_task(self._catch_up(previous), name=name)

    async def close(self) -> None:
        self._let_go()
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.wait([self._catching_up])

    def _let_go(self) -> None:
        if self._root is not None:
            self._root.mirrors.discard(self._take)
        self._root = None

    def _take(self, update: bytes) -> None:
        if not self._updates:  # in the next turn: those of several people come in one
            asyncio.get_running_loop().call_soon(self._bring)
        self._updates.append(update)

    def _bring(self) -> None:
        updates, self._updates = self._updates, []
        if self._root is not None:
            self._add(self._engine.merge(updates))

    def _add(self, update: bytes) -> None:
        try:
            self._room.add(update, Origin.RELAY)
        except LiveError as error:
            log.error("%s does not follow its document any more: %s", self.fork.document, error)
            self._let_go()

    async def _catch_up(self, previous: asyncio.Task[None] | None) -> None:
        try:
            if previous is not None:
                await asyncio.wait([previous])
            updates = await self._of_root()
            if updates is None:
                return await self._move()
            self._was_in_step = True
            size, state = sum(map(len, updates)), self._room.whole.replica.state()
            lacking = await work.run(size, self._engine.lacking, updates, state)
            if self._room.whole.replica.brings(lacking):
                self._add(lacking)
        except Exception:
            log.exception("server_error: %s could not be brought up to its document", self.fork.document)

    async def _of_root(self) -> Sequence[bytes] | None:
        """The whole root: of one that is open also what its log does not have yet. None if it has another history."""
        if self._root is not None:
            return self._root.whole.updates()
        rows = await self._log.after(self.fork.root, self.fork.root_epoch, ALL)
        return None if rows is None else [row.data for row in rows]

    async def _move(self) -> None:
        """The root has another history, or none: if it has one, the fork is opened anew, and follows if it can."""
        if self._was_in_step and self.fork.root in await self._log.tails([self.fork.root]):
            self._room.retire()
        else:
            log.warning("%s is not kept in step: its document has another history, or none", self.fork.document)


class Mirrors:
    """A `Mirror` for each fork that is open here and is to be kept in step."""

    def __init__(self, rooms: Rooms, update_log: UpdateLog, engine: Engine) -> None:
        self._rooms = rooms
        self._log = update_log
        self._engine = engine
        self._mirrors: dict[DocumentId, Mirror] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        rooms.listeners.append(self._heard)

    async def begin(self, document: DocumentName) -> None:
        """Keep this fork in step from now on, if it is open and that was asked for."""
        fork, room = await self._log.fork(document.file_id), self._rooms.get(document.id)
        if fork and fork.synchronize and room and document.id not in self._mirrors:
            self._mirrors[document.id] = mirror = Mirror(fork, room, self._log, self._engine)
            mirror.follow(self._rooms.get(fork.root))

    async def end(self, document: DocumentId) -> None:
        """Do not any more; nothing comes after this."""
        if mirror := self._mirrors.pop(document, None):
            await mirror.close()

    async def close(self) -> None:
        """End all. No room is open any more."""
        for document in [*self._mirrors]:
            await self.end(document)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _heard(self, happening: Happening) -> None:
        name, loop = happening.name, asyncio.get_running_loop()
        if happening.what is What.OPENED:  # in the next turn the room can be had
            loop.call_soon(self._opened, name)
        elif happening.what is What.CLOSED and name.is_fork:
            self._start(self.end(name.id))

    def _opened(self, name: DocumentName) -> None:
        if name.is_fork:
            return self._start(self.begin(name))
        for mirror in self._mirrors.values():
            if mirror.fork.root == name.id:
                mirror.follow(self._rooms.get(name.id))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="jupyter-live-mirrors")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("server_error: a fork is not kept in step: %r", error)
