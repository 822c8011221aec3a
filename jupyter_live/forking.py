"""Opening a fork: from the log alone, by one process of those that share it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.handin import Held
from jupyter_live.ids import DocumentName
from jupyter_live.leases import Leases
from jupyter_live.log import UpdateLog
from jupyter_live.nofile import NoFile
from jupyter_live.palette import Palette
from jupyter_live.relays import OpenRelay
from jupyter_live.replaying import replay
from jupyter_live.room import Room
from jupyter_live.tail import Tail

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ForkOpener:
    """Builds the rooms of forks."""

    engine: Engine
    log: UpdateLog
    open_relay: OpenRelay
    leases: Leases

    async def open(self, name: DocumentName, palette: Palette, held: Held | None = None) -> Room:
        """Load a fork. What a client `held` of one that is gone cannot bring it back.

        Raises LiveError `unknown_document`, `fork_elsewhere` while another process has it, `could_not_open`.
        """
        if not await self.leases.take(name.id):
            raise LiveError("fork_elsewhere", f"{name.id} is open on another server")
        try:
            return await self._open(name, palette)
        except BaseException as error:
            await self.leases.release(name.id)
            if isinstance(error, LiveError) or not isinstance(error, Exception):
                raise
            log.exception("could_not_open: %s", name.id)
            raise LiveError("could_not_open", f"{name.id}: {error!r}") from error

    async def _open(self, name: DocumentName, palette: Palette) -> Room:
        fork = await self.log.fork(name.file_id)
        history = await self.log.load(name.id)
        if history is None or fork is None or fork.document != name.id:
            raise LiveError("unknown_document", f"there is no fork {name.id}")
        whole = await replay(self.engine, name, history)
        if whole is None:
            raise LiveError("could_not_open", f"{name.id} cannot be read")
        room = Room(name, history.epoch, Tail(history.seq), whole, self.log, NoFile(), palette, self.open_relay)
        room.opened_without_file()
        return room
