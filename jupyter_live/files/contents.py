"""Jupyter's ContentsManager, any of them, behind two calls whose errors have codes."""

from __future__ import annotations

import asyncio
import errno
import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import ApiPath, to_os_path
from tornado.web import HTTPError

from jupyter_live.errors import LiveError
from jupyter_live.files.plain import Head, Stamp, plain_of

AT_ONCE = 4  # files that are written at the same time

# What a contents manager calls the types that JupyterLab shares; every other type is a text file to it.
_CONTENTS_TYPES = {"notebook": "notebook", "file": "file"}


@dataclass(frozen=True, slots=True)
class FileModel:
    """A file as the contents manager tells it. `hash` is None when it cannot hash."""

    content: Any
    hash: str | None
    head: Head


class Contents:
    """Reads and writes files. Methods raise LiveError, never the manager's own exceptions."""

    def __init__(self, manager: Any, max_file_size: int) -> None:
        self.manager = manager
        self.max_file_size = max_file_size
        self._can_hash = "require_hash" in inspect.signature(manager.get).parameters
        self._plain = plain_of(manager)
        self.few = asyncio.Semaphore(AT_ONCE)
        """Held while a file is written: with 200 at once, nothing else had its turn within 150 ms."""

    async def size(self, path: str) -> int:
        """Bytes of a file that may be read; 0 where they are not known."""
        if not (self._plain and (head := self._plain.head(path))):
            model = await self._get(path, content=False)
            if model["type"] == "directory":
                raise LiveError("is_directory", path)
            head = model_of(model).head
        if (size := head.size or 0) > self.max_file_size:
            raise LiveError("file_too_large", f"{path}: {size} bytes")
        return size

    async def read(self, path: str, doc_format: str, doc_type: str) -> FileModel:
        """The file with its content. The caller has looked at its size."""
        return model_of(await self._get(path, **options_to_read(doc_format, doc_type), **self._hash_option()))

    async def head(self, path: str) -> Head | None:
        """When the file was written and how large it is; None when there is none."""
        if self._plain and (head := self._plain.head(path)):
            return head
        try:
            return model_of(await self._get(path, content=False)).head
        except LiveError as error:
            if error.code == "file_missing":
                return None
            raise

    async def hash(self, path: str) -> str | None:
        """The hash of the file as it is now; None when the manager cannot hash."""
        return (await self._look(path)).hash if self._can_hash else None

    async def write(
        self, path: str, doc_format: str, doc_type: str, content: Any, *, new: bool = False
    ) -> tuple[str | None, Head]:
        """Save; returns hash and head of what was written. A file that is gone is not made again unless it is `new`.

        The hash is None also when somebody else wrote the file in the same moment: it has to be read to know it.
        """
        model = model_to_save(doc_format, doc_type, content)
        try:
            if not new and not await self.exists(path):
                raise LiveError("file_missing", path)
            written = model_of(await ensure_async(self.manager.save(model, path)))
        except LiveError:
            raise
        except Exception as error:
            raise save_error(error, path) from error
        try:
            now = await self._look(path)
        except LiveError:
            return None, written.head  # it is written all the same
        return (now.hash if now.head == written.head else None), written.head

    def local(self, path: str) -> Path | None:
        """Where a file is on this machine; None when the contents manager keeps files elsewhere."""
        if not isinstance(self.manager, FileContentsManager):
            return None
        return Path(to_os_path(ApiPath(path), self.manager.root_dir))

    def stamp(self, path: str) -> Stamp | None:
        """What the file system says of a file; None where that is not all there is to it, or there is no file."""
        return self._plain.stamp(path) if self._plain else None

    def identity(self, path: str) -> tuple[int, int] | None:
        """What all paths to one file share, by a link or as the file system ignores case; None if it is not known.

        Blocks, for one call of the system: the contents manager makes more of them whenever it is asked for a file.
        """
        if not isinstance(self.manager, FileContentsManager):
            return None
        try:
            found = os.stat(to_os_path(ApiPath(path), self.manager.root_dir))
        except (OSError, ValueError):  # no name of a file
            return None
        return found.st_dev, found.st_ino

    async def exists(self, path: str) -> bool:
        return bool(await ensure_async(self.manager.file_exists(path)))

    async def _look(self, path: str) -> FileModel:
        if self._plain and (found := await asyncio.to_thread(self._plain.look, path)):
            return FileModel(None, *found)
        return model_of(await self._get(path, content=False, **self._hash_option()))

    async def _get(self, path: str, **options: Any) -> dict[str, Any]:
        try:
            return await ensure_async(self.manager.get(path, **options))
        except Exception as error:
            raise read_error(error, path) from error

    def _hash_option(self) -> dict[str, bool]:
        return {"require_hash": True} if self._can_hash else {}


def options_to_read(doc_format: str, doc_type: str) -> dict[str, Any]:
    """How a manager is asked for the content of a file."""
    kind = _CONTENTS_TYPES.get(doc_type, "file")
    return {"content": True, "type": kind, **({"format": doc_format} if kind == "file" else {})}


def model_to_save(doc_format: str, doc_type: str, content: Any) -> dict[str, Any]:
    """How a manager is given a file to write."""
    return {"type": _CONTENTS_TYPES.get(doc_type, "file"), "format": doc_format, "content": content}


def model_of(model: dict[str, Any]) -> FileModel:
    """What a manager tells of a file."""
    head = Head(model.get("last_modified"), model.get("size"))
    return FileModel(model.get("content"), model.get("hash"), head)


def read_error(error: Exception, path: str) -> LiveError:
    """Why a file could not be read, in our words."""
    if isinstance(error, HTTPError):
        text = str(error.log_message or "")
        if error.status_code == 404:
            return LiveError("file_missing", path)
        if error.status_code == 403:
            return LiveError("forbidden", path)
        # Jupyter gives both of these the status 400, and its texts begin with or contain the path.
        if error.reason == "bad format" or text.endswith("is not UTF-8 encoded"):
            return LiveError("not_utf8", text)
        if text.startswith("Unreadable Notebook"):
            return LiveError("invalid_notebook", text)
    return LiveError("could_not_open", f"{path}: {error!r}")


def save_error(error: Exception, path: str) -> LiveError:
    """Why it could not be written."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return LiveError("disk_full", path)
        if isinstance(cause, PermissionError) or (isinstance(cause, HTTPError) and cause.status_code == 403):
            return LiveError("file_read_only", path)
        cause = cause.__cause__ or cause.__context__
    return LiveError("save_failed", f"{path}: {error!r}")
