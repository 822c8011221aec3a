"""Opening a document: from its log and its file to a room. Where the two disagree, nothing is lost or doubled."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_live import work
from jupyter_live.config import Config
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.files import align, convert, merge
from jupyter_live.files.bridge import FileBridge
from jupyter_live.files.contents import Contents
from jupyter_live.files.convert import Content
from jupyter_live.files.direct import Found
from jupyter_live.files.disk import UNREADABLE, Paths
from jupyter_live.files.rate import Rate
from jupyter_live.filing import Mark
from jupyter_live.held import Held
from jupyter_live.ids import DocumentId, DocumentName, Origin
from jupyter_live.joining import Joiner
from jupyter_live.leases import Leases
from jupyter_live.log import FileMark, Fingerprints, History, UpdateLog
from jupyter_live.palette import Palette
from jupyter_live.relays import OpenRelay
from jupyter_live.replaying import replay, take
from jupyter_live.room import Room
from jupyter_live.tail import Tail
from jupyter_live.whole import Whole

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Start:
    """What a room begins with. `merged` is what others did to the file meanwhile.

    `content` is what the document is before that, where it is not what the file has. `half_written` says that the file
    is what a server left that was killed while it wrote.
    """

    history: History
    whole: Whole
    unsaved: bool = False
    merged: align.Merged | None = None
    half_written: bool = False
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Opener:
    """Builds rooms out of the ports."""

    config: Config
    engine: Engine
    log: UpdateLog
    contents: Contents
    paths: Paths
    open_relay: OpenRelay
    leases: Leases
    rate: Rate

    async def open(self, name: DocumentName, palette: Palette, held: Held | None = None) -> Room:
        """Load a document. A history that the log does not have is taken from a client, if one `held` it.

        Where another process has the file, this one follows. Raises LiveError with the reason when it cannot be opened.
        """
        try:
            if not await self.leases.take(name.id):
                return await Joiner(self.engine, self.log, self.open_relay).open(name, palette)
            try:
                return await self._open(name, palette, held)
            except BaseException:
                await self.leases.release(name.id)
                raise
        except LiveError as error:
            log.warning("%s: %s", name.id, error)
            raise
        except Exception as error:
            log.exception("could_not_open: %s", name.id)
            raise LiveError("could_not_open", f"{name.id}: {error!r}") from error

    async def _open(self, name: DocumentName, palette: Palette, held: Held | None) -> Room:
        bridge: FileBridge[Mark] = FileBridge(
            name, self.paths, self.contents, self.config, self.rate, lambda: self._may_write(name.id)
        )
        try:
            found = await bridge.load()
        except LiveError as error:
            start = await self._go_on_without(name, bridge, error)
        else:
            start = await self._start(name, held, found, bridge)
        history = start.history
        tail = Tail(history.seq)
        room = Room(name, history.epoch, tail, start.whole, self.log, bridge, palette, self.open_relay)
        content = start.content or bridge.content
        is_left = bool(history.rows)  # who closes a document folds them
        room.opened(bridge.path, bridge.file, history.file, content, unsaved=start.unsaved, is_left=is_left)
        if start.merged is not None:
            log.info("%s was changed while nobody had it open; the change is merged", bridge.path)
            room.merging.absorb(start.merged, Origin.FILE)
            room.keeper.taken_in(bridge.file.fingerprint)
            room.merging.tell(start.merged)
        if start.half_written:
            await bridge.save(insist=True)
        return room

    def _may_write(self, document: DocumentId) -> bool:
        """Whether the file is ours, and will have nothing that a log which others share has not.

        Should this server die, they bring that to another one, which would find it in the file too.
        """
        return self.leases.holds(document) and not (self.log.is_shared and self.log.health)

    async def _start(self, name: DocumentName, held: Held | None, found: Found, bridge: FileBridge[Mark]) -> Start:
        history = await self.log.load(name.id)
        if history is not None:
            return await self._continue(name, history, found, bridge)
        if held is not None:
            return await self._adopt(name, held, found)
        return await self._begin(name, found)

    async def _go_on_without(self, name: DocumentName, bridge: FileBridge[Mark], error: LiveError) -> Start:
        """Open a document whose file is broken from the log. Raises `error` where that does not help."""
        history = await self.log.load(name.id) if error.code in UNREADABLE else None
        whole = await replay(self.engine, name, history) if history else None
        content = await self._content(name, whole) if whole else None
        if history is None or whole is None or content is None:
            raise error
        log.warning("%s: %s; the document is opened from the log", name.id, error)
        bridge.assume(await self._content_at(name, history, history.file.written) or content)
        is_half_written = bool(history.file.writing.fingerprint)
        return Start(history, whole, unsaved=True, half_written=is_half_written, content=content)

    async def _continue(
        self, name: DocumentName, history: History, found: Found, bridge: FileBridge[Mark], *, is_renamed: bool = False
    ) -> Start:
        """Go on with a history of the log; `is_renamed` if it has another epoch already, as the file has more."""
        whole, file = await replay(self.engine, name, history), found.content
        if whole is None:
            return await self._begin_anew(name, found)
        content = await self._content(name, whole)
        if content is not None and content.fingerprint == file.fingerprint:
            return Start(history, whole)
        if file.fingerprint in history.file:
            return Start(history, whole, unsaved=True, content=content)
        if content is None:
            return await self._begin_anew(name, found)
        writing = await self._content_at(name, history, history.file.writing)
        if writing is not None and await work.run(file.size + writing.size, merge.is_cut_off, file, writing):
            log.warning("%s: the server was killed while it wrote this file, which is written again", bridge.path)
            return Start(history, whole, unsaved=True, half_written=True, content=content)
        if base := await self._base(name, history, file):
            merged = await self._merge(name, base, file, whole, again=bool(history.file.merged))
            if merged and merged.update is not None and not is_renamed:
                before, history = history, await self._renamed(name, history)
                if history.seq != before.seq:
                    return await self._continue(name, history, found, bridge, is_renamed=True)
            if merged:
                return Start(history, whole, unsaved=True, merged=merged, content=content)
        log.warning("file_changed: %s was changed meanwhile and cannot be merged: new history", bridge.path)
        if content.fingerprint not in history.file:
            await self._recover(bridge, content)
        return await self._begin(name, found)

    async def _renamed(self, name: DocumentName, history: History) -> History:
        """The history under another epoch, with what other processes have logged of it meanwhile, and no more will.

        For the file has what the log has not, and nobody can tell whose that is. It may be what clients of this epoch
        had typed, or been told, and a log that is older than the file has lost: a restored copy, a power failure, rows
        that could not be written. Under the same epoch it would come from them once again; under another one they hand
        in what they hold, and what the log has of it then counts as brought.
        """
        epoch = await self.log.rename(name.id)
        log.info("%s: the file has what the log has not; its history %s is %s now", name.id, history.epoch, epoch)
        tails = await self.log.tails([name.id])
        renamed = await self.log.load(name.id) if tails.get(name.id) != (epoch, history.seq) else None
        return renamed or replace(history, epoch=epoch)

    async def _adopt(self, name: DocumentName, held: Held, found: Found) -> Start:
        """Go on with the history that a client has, as the log has lost it."""
        whole = await take(self.engine, name, held.updates, Origin.MEMBER)
        try:
            content = await work.run(held.size, convert.to_content, name.type, *whole.updates())
            base = await work.run(len(held.base), convert.to_content, name.type, held.base) if held.base else content
        except LiveError as error:
            raise LiveError("rejected_update", error.detail) from error
        file = found.content.fingerprint
        if file not in (base.fingerprint, content.fingerprint):
            # Other clients may have typed what the file has more: under their epoch it would come from them once again.
            return await self._begin(name, found)
        log.warning("%s: the log has no history any more; a client's copy is the document now", name.id)
        marks = Fingerprints(FileMark(base.fingerprint))
        update = await work.run(held.size, self.engine.fold, whole.updates())
        history = await self.log.begin(name.id, update, marks, held.epoch)
        return Start(history, whole, unsaved=file != content.fingerprint, content=content)

    async def _merge(
        self, name: DocumentName, base: Content, file: Content, whole: Whole, *, again: bool
    ) -> align.Merged | None:
        """What others did to the file, as an update of the document; None when that cannot be told.

        Some of it may have been brought before (`again`).
        """
        live = whole.updates()
        try:
            return await work.run(_size(live) + file.size, merge.merge, name.type, base, file, live, None, again)
        except Exception:
            log.exception("file_changed: %s cannot be merged", name.id)
            return None

    async def _base(self, name: DocumentName, history: History, file: Content) -> Content | None:
        """What the file held before it was changed, as the log can still tell; None when it cannot."""
        marks = history.file.bases
        candidates = [content for mark in marks if (content := await self._content_at(name, history, mark))]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        # Two when the server died between noting what it would write and noting that it had.
        return candidates[await work.run(file.size, merge.nearest, candidates, file)]

    async def _content_at(self, name: DocumentName, history: History, mark: FileMark) -> Content | None:
        """What the document was at a mark; None when the log does not have that any more."""
        if not mark.fingerprint or not (updates := history.up_to(mark.seq, mark.also)):
            return None
        content = await work.run(_size(updates), convert.to_content, name.type, *updates)
        return content if content.fingerprint == mark.fingerprint else None

    async def _content(self, name: DocumentName, whole: Whole) -> Content | None:
        """What a document would be as a file; None when a client wrote what no file can hold, until that is mended."""
        updates = whole.updates()
        try:
            return await work.run(_size(updates), convert.to_content, name.type, *updates)
        except Exception as error:
            log.error("save_failed: %s cannot be a file: %r", name.id, error)
            return None

    async def _recover(self, bridge: FileBridge[Mark], content: Content) -> None:
        """Save edits that only the log has beside the file."""
        try:
            copy = await bridge.write_copy(content, "recovered")
        except LiveError as error:
            raise LiveError("could_not_open", f"edits that the file lacks cannot be saved: {error}") from error
        log.warning("edits that had not reached the changed file were saved as %s", copy)

    async def _begin_anew(self, name: DocumentName, found: Found) -> Start:
        """Start from the file, and keep the history that no file can be made of."""
        aside = await self.log.set_aside(name.id)
        log.error("could_not_open: the history of %s is kept in the log as %s", name.id, aside)
        return await self._begin(name, found)

    async def _begin(self, name: DocumentName, found: Found) -> Start:
        marks = Fingerprints(FileMark(found.content.fingerprint))
        history = await self.log.begin(name.id, found.update, marks)
        return Start(history, await take(self.engine, name, [found.update], Origin.FILE))


def _size(updates: Sequence[bytes]) -> int:
    return sum(map(len, updates))
