"""Keeping one file and one document equal: load, save when it has been quiet, take in what others write."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, Protocol, TypeVar

from jupyter_live import work
from jupyter_live.config import Config
from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.files.autosave import Autosave
from jupyter_live.files.contents import Contents
from jupyter_live.files.convert import Content
from jupyter_live.files.direct import Found
from jupyter_live.files.disk import Disk, FileState, Paths
from jupyter_live.files.rate import Rate
from jupyter_live.files.settling import READ_AFTER, WRITE_AFTER, settle
from jupyter_live.files.watcher import Watcher
from jupyter_live.ids import DocumentName

log = logging.getLogger(__name__)

Mark = TypeVar("Mark")

TRIES = 5  # times that a save begins again because somebody else has just written the file

_MAY_PASS = {"file_missing", "file_unreadable"}
_SET_ASIDE = {"file_unreadable", "file_changed"}


class Outcome(str, Enum):
    """What came of a save; the values are the wire's."""

    SAVED = "success"
    NOTHING_TO_SAVE = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[Mark]):
    """A document at one moment: the updates that make it, and the owner's note of what they contain."""

    updates: Sequence[bytes]
    mark: Mark


class Owner(Protocol[Mark]):
    """Whose file it is: the room."""

    def snapshot(self) -> Snapshot[Mark]:
        """The document as it is now."""

    async def writing(self, mark: Mark, fingerprint: str, *, patient: bool) -> None:
        """The file is about to hold the snapshot of `mark`, whose content has this fingerprint.

        Nobody waits for the save where it is `patient`.
        """

    def saved(self, mark: Mark, file: FileState, content: Content) -> None:
        """The file holds the snapshot of `mark`, which has this content."""

    def asked(self) -> None:
        """Somebody has asked for a save, and all is saved."""

    def not_written(self) -> None:
        """What was announced by `writing` last has not been written, or not as a whole."""

    def failed(self, error: LiveError) -> None:
        """The file could not be saved, or is gone or broken; it will be tried again."""

    async def merge(self, base: Content, changed: Content) -> Sequence[str]:
        """Somebody else has changed what the file holds from `base` to `changed`: bring that into the document.

        Returns the ids that the document has for the cells of `changed`, if those are cells.
        """

    def taken_in(self, fingerprint: str) -> None:
        """The document has all of a content that somebody else has put into the file."""

    async def mend(self) -> None:
        """The document has cells twice: leave one of each, before it can be a file."""

    def moved(self, old: str, new: str) -> None:
        """The file has another path now."""


class FileBridge(Generic[Mark]):
    """Keeps one file and one document equal.

    The file is read and written through the contents manager, converted off the event loop. What somebody else wrote
    into it is merged into the document before anything is written over it. Of several servers one may do so: whether it
    is this one, `is_ours` is asked last thing before. (A server that was stopped for a while would otherwise take what
    its successor has saved for the work of another program, and bring it a second time.)
    """

    owner: Owner[Mark]
    has_file = True

    def __init__(
        self,
        name: DocumentName,
        paths: Paths,
        contents: Contents,
        config: Config,
        rate: Rate,
        is_ours: Callable[[], bool] = lambda: True,
    ) -> None:
        self._name = name
        self._is_ours = is_ours
        self._disk = Disk(name, paths, contents)
        self._lock = asyncio.Lock()  # one reads, merges or writes the file at a time
        self._touches = 0
        self._touches_on_disk = 0
        self._autosave = Autosave(config, rate, self._save_again, name.id)
        self._watcher: Watcher | None = None
        self._watching: asyncio.Task[None] | None = None
        self._saves: set[asyncio.Task[tuple[Outcome, LiveError | None]]] = set()

    @property
    def path(self) -> str:
        """Where the file is now; it may have been renamed. Raises LiveError `unknown_document`."""
        return self._disk.path

    @property
    def file(self) -> FileState:
        """What is on disk, as far as we know."""
        return self._disk.state

    @property
    def content(self) -> Content:
        """What is on disk, as far as we know."""
        return self._disk.content

    @property
    def is_current(self) -> bool:
        """Whether the file has everything that `touch` announced."""
        return self._touches == self._touches_on_disk

    async def load(self) -> Found:
        """Read the file. Raises LiveError with the reason when it cannot be opened."""
        if not convert.is_supported(self._name.type):
            raise LiveError("unsupported_type", self._name.type)
        found = await self._disk.read()
        self._disk.note(found)
        return found

    def assume(self, content: Content) -> None:
        """Go on though the file cannot be read, as if it had held `content`: that is told; it is saved on request."""
        self._disk.assume(content)

    def watch(self) -> None:
        """From now on, look what others do with the file."""
        self._watcher = Watcher(self._disk, self.look, self.owner.failed, self.owner.moved)
        self._watching = asyncio.create_task(self._watcher.run(), name=f"jupyter-live-watch {self._name.id}")

    def touch(self) -> None:
        """The document may have changed: save it soon."""
        self._touches += 1
        self._autosave.touch()

    def hurry(self) -> None:
        """Do not wait any longer for a quiet time, for a place, or to try again."""
        if not self.is_current:
            self._autosave.hurry()

    async def look(self) -> None:
        """Take in what somebody else may have written. Raises LiveError when the file is missing or broken."""
        async with self._lock:
            is_well = self._watcher is None or self._watcher.is_well
            if not (is_well and await self._disk.looks_untouched()):  # else a save that came first has dealt with it
                await self._take_in(_in(READ_AFTER))

    async def save(self, *, insist: bool = False) -> tuple[Outcome, LiveError | None]:
        """Bring the file up to date now. Never raises: what went wrong is the answer.

        Whoever insists, as a person does who asks for it, also has a deleted file written again, and a broken one
        replaced; a copy of that is kept. A caller that is cancelled leaves the save to end by itself: half done, it
        would not know its own file again. A file that is being written by somebody else is waited for, up to
        `WRITE_AFTER` seconds.
        """
        task = asyncio.create_task(self._save(insist), name=f"jupyter-live-write {self._name.id}")
        self._saves.add(task)
        task.add_done_callback(self._saves.discard)
        return await asyncio.shield(task)

    async def write_copy(self, content: Content, label: str) -> str:
        """Write content beside the file, as `name label time.ext`; returns the path of the copy."""
        return await self._disk.write_copy(content, label)

    async def close(self) -> None:
        """Stop watching and saving, once a save under way is done. The caller has saved what it wants saved."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self._autosave.stop()
        if self._saves:
            await asyncio.wait(self._saves)

    async def _save_again(self) -> bool:
        outcome, _ = await self.save()
        return outcome is not Outcome.FAILED

    async def _save(self, insist: bool) -> tuple[Outcome, LiveError | None]:
        async with self._lock:
            settled = _in(WRITE_AFTER)
            try:
                if insist:
                    await self._make_way(settled)
                outcome = Outcome.NOTHING_TO_SAVE
                if not self.is_current:
                    outcome = await self._write_latest(settled, patient=not insist)
                if insist:
                    self.owner.asked()
                return outcome, None
            except Exception as cause:
                # Whatever a conversion raises, when a client wrote what no file can hold: it may be mended.
                error = cause if isinstance(cause, LiveError) else LiveError("save_failed", repr(cause))
                log.warning("%s: %s", self._name.id, error)
                self.owner.not_written()
                if insist or error.code not in _MAY_PASS or not self._is_patient:
                    self.owner.failed(error)
                return Outcome.FAILED, error

    async def _write_latest(self, settled: float, *, patient: bool) -> Outcome:
        for _ in range(TRIES):
            touches, snapshot = self._touches, self.owner.snapshot()
            size = sum(map(len, snapshot.updates))
            content = await work.run(size, convert.to_content, self._name.type, *snapshot.updates)
            if content.is_mended:
                await self.owner.mend()
                continue
            written = not self._disk.holds(content)
            if written:
                await self.owner.writing(snapshot.mark, content.fingerprint, patient=patient)
                if not await self._disk.write(content, self._check_it_is_ours):
                    self.owner.not_written()
                    await self._take_in(settled)
                    patient = False  # who writes it all the time would have written it again by then
                    continue
            self._disk.content = content  # also if the file has it already: its cells may have other ids there
            self._touches_on_disk = touches
            self.owner.saved(snapshot.mark, self._disk.state, content)
            return Outcome.SAVED if written else Outcome.NOTHING_TO_SAVE
        raise LiveError("file_changed", self.path)

    @property
    def _is_patient(self) -> bool:
        return self._watcher is not None and self._watcher.is_patient

    async def _take_in(self, settled: float) -> None:
        """Merge what is in the file once nobody writes it any more, or at that time of the event loop's clock."""
        base = self._disk.content
        try:
            found = await self._read(settled)
            self._check_it_is_ours()
        except LiveError as error:
            if error.code != "file_unreadable" or self._is_patient or not await self._disk.is_empty():
                raise
            self._disk.forget()  # cut off by a crash or a full disk: there is nothing in it to lose
            return self.touch()
        if found.content.fingerprint != base.fingerprint:
            log.info("%s was changed by another program; the change is merged", self.path)
            ids = await self.owner.merge(base, found.content)
            self.owner.taken_in(found.content.fingerprint)
            found = replace(found, content=replace(found.content, ids=tuple(ids)))
        self._disk.note(found)
        self.touch()  # if the merged document is what the file holds, saving finds so and writes nothing

    def _check_it_is_ours(self) -> None:
        if not self._is_ours():
            raise LiveError("log_failed", f"{self.path} is left alone until the log can be reached")

    async def _read(self, settled: float) -> Found:
        while True:
            head = await settle(self._disk, settled)
            found = await self._disk.read()
            if await self._disk.head() == head or _in(0) >= settled:
                return found  # else somebody began to write while it was read

    async def _make_way(self, settled: float) -> None:
        """Let a file that is gone or broken be written."""
        try:
            if not await self._disk.is_untouched():
                await self._take_in(settled)
            return
        except LiveError as error:
            if error.code in _SET_ASIDE:
                copy = await self._disk.set_aside("replaced")
                log.warning("%s: %s is written anew; what was in it is kept as %s", error.code, self.path, copy)
            elif error.code != "file_missing":
                raise
        self._disk.forget()
        self._touches += 1


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
