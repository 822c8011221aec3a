"""The one thread that touches the database. It begins a new database when it finds the old one damaged."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

from jupyter_live.errors import LiveError
from jupyter_live.log.database import check_in_place, connected, is_damage, is_shared, renew

T = TypeVar("T")

CLOSING = 3.0  # seconds for what is under way, when the thread is to end


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
        self._connected: int | None = None

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
        """End the thread, whatever it waits for: a database that hangs must not keep the process from ending."""
        closing = asyncio.get_running_loop().run_in_executor(self._pool, connections.close_all)
        await asyncio.wait({closing}, timeout=CLOSING)
        if not closing.done() and self._connected is not None:
            with suppress(OSError), socket.socket(fileno=os.dup(self._connected)) as connection:
                connection.shutdown(socket.SHUT_RDWR)  # what waits for an answer gets an error
        await closing
        self._pool.shutdown()

    def _do(
        self, loop: asyncio.AbstractEventLoop, generation: int, work: Callable[..., T], args: tuple[object, ...]
    ) -> T:
        if generation != self._generation:  # it was meant for the database before
            raise Renewed
        try:
            check_in_place()
            self._connected = connected()
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
