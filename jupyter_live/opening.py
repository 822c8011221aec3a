"""Opening a document: from its log and its file to a room. Where the two disagree, nothing is merged or lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jupyter_live.config import Config
from jupyter_live.engine import Engine, Replica
from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.files.bridge import FileBridge, FileState
from jupyter_live.files.contents import Contents
from jupyter_live.ids import DocumentId, DocumentName, Origin
from jupyter_live.log import Fingerprints, History, UpdateLog
from jupyter_live.palette import Palette
from jupyter_live.relays import OpenRelay
from jupyter_live.room import Marks, Room

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opener:
    """Builds rooms out of the ports."""

    config: Config
    engine: Engine
    log: UpdateLog
    contents: Contents
    find_path: Callable[[str], str | None]
    """The path of a file id now; None when it is unknown."""
    open_relay: OpenRelay

    async def open(self, name: DocumentName, palette: Palette) -> Room:
        """Load a document. Raises LiveError with the reason when it cannot be opened."""
        try:
            return await self._open(name, palette)
        except LiveError as error:
            log.warning("%s: %s", name.id, error)
            raise
        except Exception as error:
            log.exception("could_not_open: %s", name.id)
            raise LiveError("could_not_open", f"{name.id}: {error!r}") from error

    async def _open(self, name: DocumentName, palette: Palette) -> Room:
        if name.format not in (("json",) if name.type == "notebook" else ("text", "base64")):
            raise LiveError("unsupported_type", f"{name.type} as {name.format}")  # else one file had two documents
        bridge: FileBridge[Marks] = FileBridge(name, self.find_path, self.contents, self.config)
        update, file = await bridge.load()
        history = await self.log.load(name.id)
        replica = self._replay(history) if history else None
        unsaved = False
        if history is None:
            history, replica = await self._begin(name.id, update, file)
        elif replica is None:
            history, replica = await self._begin_anew(name.id, update, file)
        else:
            content = await self._content(name, replica)
            unsaved = content is None or content.fingerprint != file.fingerprint
            if unsaved and file.fingerprint not in history.file:
                unsaved = False
                log.warning("file_changed: %s was changed while nobody had it open: new history", bridge.path)
                if content is None:
                    history, replica = await self._begin_anew(name.id, update, file)
                else:
                    if content.fingerprint not in history.file:
                        await self._recover(bridge, content)
                    history, replica = await self._begin(name.id, update, file)
        path = bridge.path
        room = Room(name.id, history.epoch, replica, self.log, bridge, palette, self.open_relay)
        room.opened(path, file, unsaved=unsaved)
        return room

    async def _content(self, name: DocumentName, replica: Replica) -> convert.Content | None:
        """What a document would be as a file; None when a client wrote what no file can hold, until that is mended."""
        try:
            return await asyncio.to_thread(convert.to_content, name.type, replica.snapshot())
        except Exception as error:
            log.error("save_failed: %s cannot be a file: %r", name.id, error)
            return None

    async def _recover(self, bridge: FileBridge[Marks], content: convert.Content) -> None:
        """Save edits that only the log has beside the file."""
        try:
            copy = await bridge.write_copy(content, f"recovered {datetime.now():%Y-%m-%d %H-%M-%S}")
        except LiveError as error:
            raise LiveError("could_not_open", f"edits that the file lacks cannot be saved: {error}") from error
        log.warning("edits that had not reached the changed file were saved as %s", copy)

    def _replay(self, history: History) -> Replica | None:
        replica = self.engine.replica()
        try:
            for update in (history.base, *history.rows):
                replica.apply(update, Origin.LOG)
        except LiveError as error:
            log.error("a logged change cannot be read: %s", error)
            return None
        return replica

    async def _begin_anew(self, document: DocumentId, update: bytes, file: FileState) -> tuple[History, Replica]:
        """Start from the file, and keep the history that no file can be made of."""
        aside = await self.log.set_aside(document)
        log.error("could_not_open: the history of %s is kept in the log as %s", document, aside)
        return await self._begin(document, update, file)

    async def _begin(self, document: DocumentId, update: bytes, file: FileState) -> tuple[History, Replica]:
        history = await self.log.begin(document, update, Fingerprints(file.fingerprint))
        replica = self.engine.replica()
        replica.apply(update, Origin.FILE)
        return history, replica
