"""Opening a fork: from the log alone, by one process of those that share it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_live import work
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.files import convert, merge
from jupyter_live.held import Held
from jupyter_live.ids import DocumentName, Fork, Seq
from jupyter_live.leases import Leases
from jupyter_live.log import History, UpdateLog
from jupyter_live.nofile import NoFile
from jupyter_live.palette import Palette
from jupyter_live.relays import OpenRelay
from jupyter_live.replaying import replay
from jupyter_live.room import Room
from jupyter_live.tail import Tail

log = logging.getLogger(__name__)

ALL = Seq(-1)  # before the first row


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
        if fork.synchronize and (moved := await self._follow(name, fork, history)):
            fork, history = moved
        whole = await replay(self.engine, name, history)
        if whole is None:
            raise LiveError("could_not_open", f"{name.id} cannot be read")
        room = Room(name, history.epoch, Tail(history.seq), whole, self.log, NoFile(), palette, self.open_relay)
        room.shares = fork.root_epoch
        room.opened_without_file()
        return room

    async def _follow(self, name: DocumentName, fork: Fork, history: History) -> tuple[Fork, History] | None:
        """Go on with the history that the root has now, if it is another one, and with all that the fork did.

        None where there is nothing to follow to, or nobody can tell what the fork did: it stays as it is then.
        """
        tails = await self.log.tails([fork.root])
        epoch, _ = tails.get(fork.root, (fork.root_epoch, None))
        rows = await self.log.after(fork.root, epoch, ALL) if epoch != fork.root_epoch else None
        if not rows:
            return None
        former = await self.log.former(fork.root, fork.root_epoch)
        known, own = former or history.base, [history.base, *(row.data for row in history.rows)]
        size = sum(len(row.data) for row in rows) + sum(map(len, own)) + len(known)
        try:
            root = await work.run(size, self.engine.fold, [row.data for row in rows])
            merged = await work.run(size, _carried, name.type, known, own, root)
        except Exception:
            log.exception("%s cannot follow its document into another history, and stays as it is", name.id)
            return None
        log.info("%s follows its document from %s to %s", name.id, fork.root_epoch, epoch)
        fork = replace(fork, root_epoch=epoch)
        return fork, await self.log.move_fork(fork, root, [merged] if merged else [])


def _carried(doc_type: str, known: bytes, own: Sequence[bytes], root: bytes) -> bytes | None:
    """What a fork did on top of what its root had (`known`), as an update of what the root is now."""
    base, mine = convert.to_content(doc_type, known), convert.to_content(doc_type, known, *own)
    return merge.merge(doc_type, base, mine, [root], None, True).update
