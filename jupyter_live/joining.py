"""Opening a document whose file another process has: from the log alone."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_live.elsewhere import FileElsewhere
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.held import Held
from jupyter_live.ids import DocumentName
from jupyter_live.log import UpdateLog
from jupyter_live.palette import Palette
from jupyter_live.relays import OpenRelay
from jupyter_live.replaying import replay
from jupyter_live.room import Room
from jupyter_live.tail import Tail


@dataclass(frozen=True, slots=True)
class Joiner:
    """Builds rooms that follow others."""

    engine: Engine
    log: UpdateLog
    open_relay: OpenRelay

    async def open(self, name: DocumentName, palette: Palette, held: Held | None = None) -> Room:
        """The room of a document that has a history.

        Raises LiveError `unknown_session` when there is none: whoever asks has to open it where its file is, first;
        `fork_elsewhere` for forks, which one process serves, and no relay.
        """
        if name.is_fork:
            raise LiveError("fork_elsewhere", f"{name.id} is open on another server, or this is a relay")
        history = await self.log.load(name.id)
        whole = await replay(self.engine, name, history) if history else None
        if history is None:
            raise LiveError("unknown_session", f"{name.id} is open nowhere")
        if whole is None:
            raise LiveError("could_not_open", name.id)
        tail = Tail(history.seq)
        room = Room(name, history.epoch, tail, whole, self.log, FileElsewhere(), palette, self.open_relay)
        room.opened_elsewhere()
        return room
