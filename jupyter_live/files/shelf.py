"""Files as documents need them: read and converted, converted and written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from jupyter_live import work
from jupyter_live.files import at_hand, convert, direct, newlines
from jupyter_live.files.contents import Contents
from jupyter_live.files.direct import Found, Written
from jupyter_live.files.stock import Stock, emit, stock_of
from jupyter_live.ids import DocumentName

T = TypeVar("T")


class Shelf:
    """Reads and writes through a contents manager.

    Jupyter's own are replaced by one of the same settings that does all of it in one call, in a thread of ours, or in
    another process where the file is large: the asynchronous ones parse, check and sign on the event loop, 1.3 s for a
    notebook of 18 MB, and go to a thread and back 20 times for one save. Other managers, and Jupyter's with hooks, are
    asked themselves.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    async def read(self, path: str, name: DocumentName) -> Found:
        """What is in a file. Raises LiveError."""
        size = await self._contents.size(path)
        if stock := self._stock():
            found = await _do(size, stock, direct.read, path, name)
            emit(self._contents.manager, "get", path)
            return found
        model = await self._contents.read(path, name.format, name.type)
        value, newline = newlines.split(model.content)
        update, content = await work.run(size, convert.to_update, name.type, value)
        return Found(update, content, model.hash, model.head, newline)

    async def hash(self, path: str, size: int) -> str | None:
        """The hash of a file of about so many bytes, as it is now; None when the manager cannot hash."""
        if stock := self._stock():
            return await _do(size, stock, direct.look, path)
        return await self._contents.hash(path)

    async def write(
        self,
        path: str,
        name: DocumentName,
        content: convert.Content,
        newline: str,
        *,
        known: str | None = None,
        new: bool = False,
    ) -> Written | None:
        """Write content into a file, which is made if it is `new`. Raises LiveError.

        Returns None, and nothing is written, if there should be one whose hash is `known`, and there is another.
        """
        stock = self._stock()
        if stock and (new or known is not None):
            written = await _do(content.size, stock, direct.write, path, name, content, newline, known)
            if written:
                emit(self._contents.manager, "save", path)
            return written
        if known is not None and await self._contents.hash(path) != known:
            return None
        value = content.value if content.size < work.LARGE else await asyncio.to_thread(getattr, content, "value")
        return await self._contents.write(path, name.format, name.type, newlines.join(value, newline), new=new)

    def _stock(self) -> Stock | None:
        return stock_of(self._contents.manager)


async def _do(size: int, stock: Stock, do: Callable[..., T], *args: object) -> T:
    """Call `do` with such a manager, and then `args`, for a file of so many bytes."""
    if size >= work.LARGE:
        return await work.run(size, _do_there, stock, do, args)
    return await at_hand.run(stock, do, *args)


def _do_there(stock: Stock, do: Callable[..., T], args: tuple[object, ...]) -> T:
    with stock.manager() as manager:
        return do(manager, *args)
