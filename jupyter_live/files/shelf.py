"""Files as documents need them: read and converted, converted and written; of large files, in another process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from jupyter_live import work
from jupyter_live.files import convert, newlines
from jupyter_live.files.contents import Contents
from jupyter_live.files.plain import Head
from jupyter_live.files.stock import Stock, emit, stock_of
from jupyter_live.ids import DocumentName

Written = tuple[str | None, Head]
"""Hash and head of what was written; see `Contents.write`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was read. `update` makes an empty document of it."""

    update: bytes
    content: convert.Content
    hash: str | None
    head: Head
    newline: str


class Shelf:
    """Reads and writes through a contents manager.

    Jupyter's own managers parse, check and sign on the event loop, 1.3 s for a notebook of 18 MB: what is large is read
    and written by a manager of the same settings in another process. Other managers, and Jupyter's with hooks, are
    asked here, and only the conversion goes to the other process.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    async def read(self, path: str, name: DocumentName) -> Found:
        """What is in a file. Raises LiveError."""
        size = await self._contents.size(path)
        if stock := self._stock(size):
            found = await work.run(size, _read_there, stock, self._contents.max_file_size, path, name)
            emit(self._contents.manager, "get", path)
            return found
        model = await self._contents.read(path, name.format, name.type)
        value, newline = newlines.split(model.content)
        update, content = await work.run(size, convert.to_update, name.type, value)
        return Found(update, content, model.hash, model.head, newline)

    async def hash(self, path: str, size: int) -> str | None:
        """The hash of a file of about so many bytes, as it is now; None when the manager cannot hash."""
        if stock := self._stock(size):
            return await work.run(size, _hash_there, stock, path)
        return await self._contents.hash(path)

    async def write(
        self, path: str, name: DocumentName, content: convert.Content, newline: str, *, new: bool
    ) -> Written:
        """Write content into a file; a file that is gone is made again only if it is `new`. Raises LiveError."""
        if stock := self._stock(content.size):
            written = await work.run(content.size, _write_there, stock, path, name, content, newline, new)
            emit(self._contents.manager, "save", path)
            return written
        value = content.value if content.size < work.LARGE else await asyncio.to_thread(getattr, content, "value")
        return await self._contents.write(path, name.format, name.type, newlines.join(value, newline), new=new)

    def _stock(self, size: int) -> Stock | None:
        return stock_of(self._contents.manager) if size >= work.LARGE else None


def _read_there(stock: Stock, max_file_size: int, path: str, name: DocumentName) -> Found:
    with stock.manager() as manager:
        model = asyncio.run(Contents(manager, max_file_size).read(path, name.format, name.type))
    value, newline = newlines.split(model.content)
    update, content = convert.to_update(name.type, value)
    return Found(update, content, model.hash, model.head, newline)


def _hash_there(stock: Stock, path: str) -> str | None:
    with stock.manager() as manager:
        return asyncio.run(Contents(manager, 0).hash(path))


def _write_there(
    stock: Stock, path: str, name: DocumentName, content: convert.Content, newline: str, new: bool
) -> Written:
    value = newlines.join(content.value, newline)
    with stock.manager() as manager:
        return asyncio.run(Contents(manager, 0).write(path, name.format, name.type, value, new=new))
