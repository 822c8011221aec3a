"""One file on disk, and how we last left or found it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.files.contents import Contents
from jupyter_live.files.direct import Found
from jupyter_live.files.exclusive import alone
from jupyter_live.files.moves import Likeness, find, likeness_of
from jupyter_live.files.plain import Head, Stamp
from jupyter_live.files.shelf import Shelf
from jupyter_live.ids import DocumentName

UNREADABLE = {"invalid_notebook", "invalid_file", "not_utf8"}


class Paths(Protocol):
    """Where files are: jupyter-server-fileid, as far as we need it."""

    def find(self, file_id: str) -> str | None:
        """The path of a file id now; None when it is unknown."""

    def at(self, path: str) -> str | None:
        """The id of the file at a path; None when it has none."""

    def claim(self, file_id: str, path: str) -> bool:
        """The file of this id was found or written at `path`. False when that is another file's: nothing is changed."""

    def take(self, file_id: str, path: str) -> None:
        """The file of this id was renamed to `path`, where no other can be then."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What is on disk: the fingerprint of its content, and the contents manager's hash if it has one."""

    fingerprint: str
    hash: str | None


class Disk:
    """Reads and writes one file through the contents manager, and tells whether somebody else has written it since."""

    content: convert.Content
    """What we last found in it or wrote into it: the base of a merge."""

    def __init__(self, name: DocumentName, paths: Paths, contents: Contents) -> None:
        self._name = name
        self._paths = paths
        self._contents = contents
        self._shelf = Shelf(contents)
        self._path: str | None = None
        self._newline = "\n"
        self._hash: str | None = None
        self._head: Head | None = None
        self._likeness: Likeness | None = None
        self._is_known = False
        self._untouched: Stamp | None = None
        """What the file system said of the file before the contents manager said that it is as we left it."""

    @property
    def path(self) -> str:
        """Where the file is now, or was before it was deleted. Raises LiveError `unknown_document`."""
        self._path = self._paths.find(self._name.file_id) or self._path
        if self._path is None:
            raise LiveError("unknown_document", self._name.id)
        return self._path

    @property
    def state(self) -> FileState:
        return FileState(self.content.fingerprint, self._hash)

    async def read(self) -> Found:
        """What is in the file now. Raises LiveError; `file_unreadable` when it is half-written or broken."""
        async with alone(self._contents.local(self.path)):
            return await self._read(self._own_path)

    async def _read(self, path: str) -> Found:
        try:
            return await self._shelf.read(path, self._name)
        except LiveError as error:
            if error.code in UNREADABLE and self._is_known:
                raise LiveError("file_unreadable", error.detail) from error
            raise

    def note(self, found: Found) -> None:
        """From now on `found` is what the file is known to hold."""
        self.content, self._newline, self._is_known = found.content, found.newline, True
        self._know(found.hash, found.head)

    def assume(self, content: convert.Content) -> None:
        """The file held `content` once, and cannot be read now: it is not to be written over unasked."""
        self.content, self._is_known = content, True
        self._hash, self._head, self._untouched = "", Head(None, None), None  # not those of any file

    def forget(self) -> None:
        """The file is gone, or may be overwritten. What it held stays the base of a merge."""
        self._head = self._hash = self._untouched = None

    def holds(self, content: convert.Content) -> bool:
        """Whether writing `content` would change nothing."""
        known = self.content
        return self._head is not None and (content.fingerprint, content.trust) == (known.fingerprint, known.trust)

    @property
    def is_undisturbed(self) -> bool:
        """Whether the file is where it was, with time, size and inode as they were: one call of the system.

        False where that does not tell, or is not all.
        """
        return self._path is not None and (
            self._untouched is not None and self._untouched == self._contents.stamp(self._path)
        )

    async def looks_untouched(self) -> bool:
        """Whether time and size are as we left them: cheap. Raises LiveError `file_missing`."""
        stamp = self._contents.stamp(self._own_path)
        if stamp is not None and stamp == self._untouched:
            return True
        head = await self.head()
        if head is None:
            raise LiveError("file_missing", self.path)
        self._untouched = stamp if head == self._head else None
        return head == self._head

    async def head(self) -> Head | None:
        return await self._contents.head(self._own_path)

    async def is_empty(self) -> bool:
        head = await self.head()
        return head is not None and head.size == 0

    async def is_untouched(self) -> bool:
        """Whether the content is as we left it, by its hash; where the contents manager cannot hash, it is read."""
        if self._head is None:
            return True  # forgotten: there is nothing to keep
        return await self._is_as_known(self._own_path)

    async def write(self, content: convert.Content, check: Callable[[], None] = lambda: None) -> bool:
        """Write the file if it is as we left it; returns whether it was. No other server writes it in between.

        `check` raises LiveError when it may not be written; it is called when nothing is waited for any more. Raises
        LiveError; a file that is gone is made again only after `forget`.
        """
        async with self._contents.few, alone(self._contents.local(self.path)):
            check()
            path, new = self._own_path, self._head is None
            # Whether it is so is looked last, so that as little time as can be is left for other programs.
            if not new and self._hash is None and not await self._is_as_known(path):
                return False
            known = None if new else self._hash
            written = await self._shelf.write(path, self._name, content, self._newline, known=known, new=new)
            if written is None:
                return False
            self.content = content
            self._know(*written)
            return True

    async def write_copy(self, content: convert.Content, label: str) -> str:
        """Write content beside the file, as `name label.ext`; returns the path of the copy."""
        copy = await self._free_name(label)
        await self._shelf.write(copy, self._name, content, self._newline, new=True)
        return copy

    async def set_aside(self, label: str) -> str:
        """Copy a file that cannot be read as what it should be, byte for byte; returns the path of the copy."""
        copy = await self._free_name(label)
        await self._contents.size(self.path)  # one too large is left alone
        raw = await self._contents.read(self.path, "base64", "file")
        await self._contents.write(copy, "base64", "file", raw.content, new=True)
        return copy

    async def follow(self) -> bool:
        """Look for a file that is gone under another name; returns whether it was found.

        It is not when it now stands where another document's file was: that document takes in what it finds there.
        """
        local = self._contents.local("")
        if local is None or self._likeness is None:
            return False
        found = await asyncio.to_thread(find, self._likeness, local, near=(local / self.path).parent)
        if found is None or not await self._is_as_known(found) or not self._paths.claim(self._name.file_id, found):
            return False
        self._path = found
        return True

    @property
    def _own_path(self) -> str:
        """The path, to read or write there. Raises LiveError `open_otherwise` when another document has it by now.

        That is so after Jupyter has deleted our file, and renamed another one to its name.
        """
        file_id = self._name.file_id
        if found := self._paths.find(file_id):
            self._path = found
            return found
        path = self.path
        if self._paths.at(path) not in (None, file_id):
            raise LiveError("open_otherwise", f"{path} was deleted, and is another document by now")
        return path

    async def _is_as_known(self, path: str) -> bool:
        if self._hash is not None:
            size = self._head.size if self._head else None
            return await self._shelf.hash(path, size or 0) == self._hash
        try:
            return (await self._read(path)).content.fingerprint == self.content.fingerprint
        except LiveError as error:
            if error.code == "file_unreadable":
                return False
            raise

    def _know(self, hash_: str | None, head: Head) -> None:
        found = self._paths.find(self._name.file_id)
        path = self._path = found or self.path
        stamp = self._contents.stamp(path) if hash_ is not None else None
        self._hash, self._head, self._untouched = hash_, head, stamp if head.is_of(stamp) else None
        local = self._contents.local(path)
        self._likeness = likeness_of(local) if local else None
        if found is None:  # Jupyter has deleted the file, which is there again
            self._paths.claim(self._name.file_id, path)

    async def _free_name(self, label: str) -> str:
        path, number = PurePosixPath(self.path), 1
        label = f"{label} {datetime.now():%Y-%m-%d %H-%M-%S}"
        copy = str(path.with_name(f"{path.stem} {label}{path.suffix}"))
        while await self._contents.exists(copy):
            number += 1
            copy = str(path.with_name(f"{path.stem} {label} {number}{path.suffix}"))
        return copy
