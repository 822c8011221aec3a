"""One document's file: load it, save it when the document has been quiet, and know what is on disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, Generic, Protocol, TypeVar

from jupyter_live.config import Config
from jupyter_live.errors import LiveError
from jupyter_live.files import convert, newlines
from jupyter_live.files.contents import Contents
from jupyter_live.ids import DocumentName

log = logging.getLogger(__name__)

Mark = TypeVar("Mark")

RETRY_FIRST, RETRY_MAX = 2.0, 60.0  # seconds between attempts while the file cannot be saved


class Outcome(str, Enum):
    """What came of a save; the values are the wire's."""

    SAVED = "success"
    NOTHING_TO_SAVE = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[Mark]):
    """A document at one moment: its bytes, and the room's note of what they contain."""

    update: bytes
    mark: Mark


@dataclass(frozen=True, slots=True)
class FileState:
    """What is on disk: the fingerprint of its content, and the contents manager's hash if it has one."""

    fingerprint: str
    hash: str | None


class Owner(Protocol[Mark]):
    """Whose file it is: the room."""

    def snapshot(self) -> Snapshot[Mark]:
        """The document as it is now."""

    async def writing(self, fingerprint: str) -> None:
        """The file is about to hold content of this fingerprint."""

    def saved(self, mark: Mark, file: FileState) -> None:
        """The file holds the snapshot of `mark`."""

    def failed(self, error: LiveError) -> None:
        """The file could not be saved; it will be tried again."""


class FileBridge(Generic[Mark]):
    """Keeps one file and one document equal.

    The file is read and written through the contents manager, converted in a worker thread. A file that was changed by
    somebody else since is not overwritten.
    """

    owner: Owner[Mark]

    def __init__(
        self, name: DocumentName, find_path: Callable[[str], str | None], contents: Contents, config: Config
    ) -> None:
        self._name = name
        self._find_path = find_path
        self._contents = contents
        self._config = config
        self._newline = "\n"
        self._file = FileState("", None)
        self._trust: tuple[bool, ...] = ()
        self._lock = asyncio.Lock()
        self._touched = asyncio.Event()
        self._hurried = asyncio.Event()
        self._last_touch = 0.0
        self._touches = 0
        self._touches_on_disk = 0
        self._task: asyncio.Task[None] | None = None
        self._saves: set[asyncio.Task[tuple[Outcome, LiveError | None]]] = set()

    @property
    def path(self) -> str:
        """Where the file is now; it may have been renamed. Raises LiveError `unknown_document`."""
        path = self._find_path(self._name.file_id)
        if path is None:
            raise LiveError("unknown_document", self._name.id)
        return path

    @property
    def is_current(self) -> bool:
        """Whether the file has everything that `touch` announced."""
        return self._touches == self._touches_on_disk

    async def load(self) -> tuple[bytes, FileState]:
        """Read the file: an update that makes an empty document of it, and what it holds."""
        if not convert.is_supported(self._name.type):
            raise LiveError("unsupported_type", self._name.type)
        update, content, hash_, self._newline = await self._read(self.path)
        self._file, self._trust = FileState(content.fingerprint, hash_), content.trust
        return update, self._file

    def touch(self) -> None:
        """The document may have changed: save it soon."""
        self._touches += 1
        self._last_touch = asyncio.get_running_loop().time()
        self._touched.set()
        if self._task is None:
            self._task = asyncio.create_task(self._autosave(), name=f"jupyter-live-save {self._name.id}")

    def hurry(self) -> None:
        """Do not wait any longer for a quiet time, or to try again."""
        if not self.is_current:
            self._hurried.set()

    async def save(self) -> tuple[Outcome, LiveError | None]:
        """Bring the file up to date now. Never raises: what went wrong is the answer.

        A caller that is cancelled leaves the save to end by itself: half done, it would not know its own file again.
        """
        task = asyncio.create_task(self._save(), name=f"jupyter-live-write {self._name.id}")
        self._saves.add(task)
        task.add_done_callback(self._saves.discard)
        return await asyncio.shield(task)

    async def _save(self) -> tuple[Outcome, LiveError | None]:
        async with self._lock:
            if self.is_current:
                return Outcome.NOTHING_TO_SAVE, None
            try:
                touches, snapshot = self._touches, self.owner.snapshot()
                written = await self._write(snapshot.update)
            except Exception as cause:
                # Whatever a conversion raises, when a client wrote what no file can hold: it may be mended.
                error = cause if isinstance(cause, LiveError) else LiveError("save_failed", repr(cause))
                log.warning("%s: %s", self._name.id, error)
                self.owner.failed(error)
                return Outcome.FAILED, error
            self._touches_on_disk = touches
            self.owner.saved(snapshot.mark, self._file)
            return (Outcome.SAVED if written else Outcome.NOTHING_TO_SAVE), None

    async def write_copy(self, content: convert.Content, label: str) -> str:
        """Write content beside the file, as `name label.ext`; returns the path of the copy."""
        path, number = PurePosixPath(self.path), 1
        copy = str(path.with_name(f"{path.stem} {label}{path.suffix}"))
        while await self._contents.exists(copy):
            number += 1
            copy = str(path.with_name(f"{path.stem} {label} {number}{path.suffix}"))
        await self._contents.write(copy, self._name.format, self._name.type, self._as_file(content), new=True)
        return copy

    async def close(self) -> None:
        """Stop saving by itself, once a save under way is done. The caller has saved what it wants saved."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._saves:
            await asyncio.wait(self._saves)

    async def _write(self, update: bytes) -> bool:
        content = await asyncio.to_thread(convert.to_content, self._name.type, update)
        if content.fingerprint == self._file.fingerprint and content.trust == self._trust:
            return False
        path, name = self.path, self._name
        await self.owner.writing(content.fingerprint)
        if not await self._is_ours(path):  # last, so that as little time as can be is left for others to write
            raise LiveError("file_changed", path)
        new_hash = await self._contents.write(path, name.format, name.type, self._as_file(content))
        self._file, self._trust = FileState(content.fingerprint, new_hash), content.trust
        return True

    async def _is_ours(self, path: str) -> bool:
        """Whether the file is as we left it. Where the contents manager cannot hash, it is read."""
        if self._file.hash is not None:
            return await self._contents.hash(path) == self._file.hash
        _, content, _, _ = await self._read(path)
        return content.fingerprint == self._file.fingerprint

    async def _read(self, path: str) -> tuple[bytes, convert.Content, str | None, str]:
        """The file as an update and as content, its hash, and its line ending."""
        model = await self._contents.read(path, self._name.format, self._name.type)
        value, newline = newlines.split(model.content)
        update, content = await asyncio.to_thread(convert.to_update, self._name.type, value)
        return update, content, model.hash, newline

    def _as_file(self, content: convert.Content) -> Any:
        return newlines.join(content.value, self._newline)

    async def _autosave(self) -> None:
        """Save after a quiet time, or after the longest time that a change may wait, whichever comes first."""
        loop, config = asyncio.get_running_loop(), self._config
        retry = RETRY_FIRST
        while True:
            await self._touched.wait()
            latest = loop.time() + config.save_delay_max
            while (pause := min(self._last_touch + config.save_delay, latest) - loop.time()) > 0:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), pause)
                    break
            self._touched.clear()  # before the snapshot: a change during the save asks for another
            self._hurried.clear()
            outcome, _ = await self.save()
            if outcome is Outcome.FAILED:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), retry)
                retry = min(2 * retry, RETRY_MAX)
                self._touched.set()
            else:
                retry = RETRY_FIRST
