"""What a room does for its file: the owner of its bridge, wherever the file is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_live import work
from jupyter_live.elsewhere import FileElsewhere
from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import FileBridge, Snapshot
from jupyter_live.files.convert import Content, to_content
from jupyter_live.files.disk import FileState
from jupyter_live.filing import Filing, Mark
from jupyter_live.ids import DocumentName, Origin, Seq
from jupyter_live.journal import Journal
from jupyter_live.listening import What
from jupyter_live.log import UpdateLog
from jupyter_live.log.writer import LATE
from jupyter_live.merging import Merging
from jupyter_live.nofile import NoFile
from jupyter_live.timeline import Timeline
from jupyter_live.turn import Turn
from jupyter_live.whole import Whole

log = logging.getLogger(__name__)

Bridge = FileBridge[Mark] | FileElsewhere | NoFile


class FileKeeper:
    """Gives the file what the document is, and takes into the document what others did to the file.

    `put` writes into the document's state map, `publish` tells the other processes, `tell` whoever listens to the room.
    """

    def __init__(
        self,
        name: DocumentName,
        whole: Whole,
        turn: Turn,
        journal: Journal,
        filing: Filing,
        timeline: Timeline,
        merging: Merging,
        bridge: Bridge,
        update_log: UpdateLog,
        *,
        put: Callable[[dict[str, Any]], None],
        publish: Callable[[dict[str, Any]], None],
        tell: Callable[[What, str], None],
    ) -> None:
        self.path = ""
        """Where the file is, as the members know it."""
        self._name = name
        self._whole = whole
        self._turn = turn
        self._journal = journal
        self._filing = filing
        self._timeline = timeline
        self._merging = merging
        self._bridge = bridge
        self._log = update_log
        self._put = put
        self._tell = tell
        self.publish_control = publish

    # what the document is

    def snapshot(self) -> Snapshot[Mark]:
        """The document now, for the file."""
        self._turn.end()
        mark = self._filing.snapshot()
        mark.changes = self._timeline.writers.count
        return Snapshot(self._whole.updates(), mark)

    async def writing(self, mark: Mark, fingerprint: str, *, patient: bool) -> None:
        await self._filing.writing(mark, fingerprint, patient=patient)
        await self._whole.renew()  # here, since this is done once for many changes, and by one at a time

    def saved(self, mark: Mark, file: FileState, content: Content) -> None:
        self._turn.end()  # what has been received in it is not in the file
        self._filing.saved(mark, file)
        self._timeline.saw(content, mark.changes)
        self._tell(What.SAVED, "")

    def asked(self) -> None:
        self._timeline.flush()

    def not_written(self) -> None:
        self._filing.not_written()

    def failed(self, error: LiveError) -> None:
        self._filing.failed(error)
        self._tell(What.FAILED, str(error.kind.message))

    async def mend(self) -> None:
        await self._merging.mend()

    async def keep_moment(self) -> Content:
        """Keep in the timeline what the document is now, which is returned. Raises LiveError `save_failed`.

        Whether it is kept, `timeline.kept` tells.
        """
        self._turn.end()
        place, updates = self._timeline.writers.count, self._whole.updates()
        content = await work.run(sum(map(len, updates)), to_content, self._name.type, *updates)
        self._timeline.saw(content, place)
        self._timeline.here()
        return content

    # what others did to the file

    async def merge(self, base: Content, changed: Content) -> Sequence[str]:
        """Bring what somebody else did to the file, from `base` to `changed`, into the document, and tell the members.

        Raises LiveError `file_changed` for a type of document that cannot be merged, `log_failed` where it has to wait.
        """
        if self._log.is_shared:  # what members are told of it is in the log a moment later, or it waits in the file
            await self._look_for_the_log()
        await self._keep_before()
        merged = await self._merging.merge(base, changed, Origin.FILE)
        self._merging.tell(merged)
        self._tell(What.MERGED, "")
        return merged.ids

    def taken_in(self, fingerprint: str) -> None:
        self._timeline.outside()
        self._filing.taken_in(fingerprint)

    def moved(self, old: str, new: str) -> None:
        """`old`, which may be this file or a folder above it, is `new` now: clients would save under the old name."""
        if self.move(old, new):
            self.publish_control({"moved": old, "to": new})

    def move(self, old: str, new: str) -> bool:
        """Note that a path is another one; returns whether the file is there."""
        if self.path != old and not self.path.startswith(f"{old}/"):
            return False
        self.path = new + self.path[len(old) :]
        if self._bridge.has_file:
            self._put({"path": self.path})
        return True

    async def _look_for_the_log(self) -> None:
        """Raises LiveError `log_failed` when it cannot be reached, or hangs: people may wait for a save meanwhile."""
        try:
            await asyncio.wait_for(self._log.tails([self._name.id]), LATE)
        except asyncio.TimeoutError as error:
            raise LiveError("log_failed", f"no answer for {LATE:g} s") from error

    async def _keep_before(self) -> None:
        """Keep what the document is before another program's change comes into it."""
        if self._bridge.is_current:
            return self._timeline.here()
        try:
            await self.keep_moment()
        except LiveError as error:
            log.warning("%s: what it is before the file's change is not kept: %s", self._name.id, error)

    # a file elsewhere

    def when_durable(self, call: Callable[[], None]) -> None:
        self._journal.when_durable(call)

    async def flush(self) -> None:
        await self._journal.flush()

    @property
    def last(self) -> Seq:
        return self._journal.tail.last
