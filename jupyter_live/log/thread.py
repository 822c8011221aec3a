"""The one thread that touches the database. It begins a new database when it finds the old one damaged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

from jupyter_live.errors import LiveError
from jupyter_live.log.database import check_in_place, is_damage, is_shared, renew

T = TypeVar("T")


class Renewed(Exception):
    """The work was not done: the database was damaged, and is a new one by now."""


class DatabaseThread:
    """Runs work in order.

    `on_renewed` is called on the event loop when the database is a new one, before anybody hears of work not done.
    """

    def __init__(self, on_renewed: Callable[[], None]) -> None:
        self._on_renewed = on_renewed
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="jupyter-live-log")
        self._generation = 0

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Do `work` in the thread.

        Raises what it raises, `Renewed`, and LiveError `log_failed` when a shared database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._do, loop, self._generation, work, args)

    async def ask(self, work: Callable[..., T], *args: object) -> T:
        """The same for work that a new database can do as well: then it is done there."""
        try:
            return await self.run(work, *args)
        except Renewed:
            return await self.run(work, *args)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._pool, connections.close_all)
        self._pool.shutdown()

    def _do(
        self, loop: asyncio.AbstractEventLoop, generation: int, work: Callable[..., T], args: tuple[object, ...]
    ) -> T:
        if generation != self._generation:  # it was meant for the database before
            raise Renewed
        try:
            check_in_place()
            return work(*args)
        except Exception as error:
            if is_shared() and isinstance(error, (OperationalError, InterfaceError)):
                raise LiveError("log_failed", str(error).strip()) from error  # it is away, and may come back
            if not is_damage(error):
                raise
            renew(str(error))
            self._generation += 1
            loop.call_soon_threadsafe(self._on_renewed)
            raise Renewed(str(error)) from error
