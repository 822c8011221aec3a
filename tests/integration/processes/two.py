"""Two Jupyter servers that serve the same files, and share one log."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_live.testing import LiveClient, LiveServer
from jupyter_live.testing.services import Postgres, Redis


class Pair:
    """`one` and `two` serve the folder `work`; their file ids are one database, unless they are `apart`.

    The first saves after `delay` seconds.
    """

    def __init__(
        self, home: Path, redis: Redis, postgres: Postgres, *, apart: bool = False, delay: float = 0.2
    ) -> None:
        self.database = postgres.database("pair")
        shared = f"--LiveApp.database={self.database}", f"--LiveApp.layer={redis.url}"
        folders = (home / "one", home / "two") if apart else (home, home)
        self.one, self.two = (
            LiveServer(folder, *shared, f"--LiveApp.save_delay={seconds}", "--LiveApp.save_delay_max=5")
            for folder, seconds in zip(folders, (delay, 0.2), strict=True)
        )
        self.work = self.two.work = self.one.work

    def client(self, server: LiveServer, path: str) -> LiveClient:
        doc = ("json", "notebook") if path.endswith(".ipynb") else ("text", "file")
        return LiveClient(server, path, *doc)

    async def has_file(self, server: LiveServer, document: str) -> bool:
        """Whether this server has the file of a document."""
        _, told = await asyncio.to_thread(server.request, "GET", "api/collaboration/status")
        return any(each["id"] == document and each["file"] == "here" for each in told["documents"])

    async def owners(self, document: str) -> list[LiveServer]:
        """The servers that say they have the file."""
        servers = [server for server in (self.one, self.two) if server.is_running]
        return [server for server in servers if await self.has_file(server, document)]


@contextmanager
def running(pair: Pair) -> Iterator[Pair]:
    pair.one.start()
    try:
        pair.two.start()
        yield pair
    finally:
        for server in (pair.one, pair.two):
            if server.is_running:
                server.resume()
                server.stop(signal.SIGTERM)
