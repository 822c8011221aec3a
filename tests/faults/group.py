"""All cases of one way to stop and one fate of the log, on one server."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, field
from pathlib import Path

from waiting import until

from jupyter_live.testing import LiveClient, LiveServer
from jupyter_live.testing.holding import Kept

from . import content
from .cases import Case, Log, Person, Stop, cases

IDLE_DELAY = 0.3  # seconds
AT_ONCE = 8  # documents that are worked on at a time: as many as leave no client waiting for its turn for long


@dataclass
class Outcome:
    """What everybody has at the end, or what went wrong before."""

    client: list[content.Cell] = field(default_factory=list)
    fresh: list[content.Cell] = field(default_factory=list)
    file: list[content.Cell] = field(default_factory=list)
    error: str = ""


async def play(home: Path, stop: Stop, log: Log) -> tuple[dict[Case, Outcome], str]:
    """Returns the outcome of every case, and the server's log."""
    late = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600"
    soon = "--LiveApp.save_delay=0.1", "--LiveApp.save_delay_max=0.5", f"--LiveApp.idle_delay={IDLE_DELAY}"
    server = LiveServer(home, *(soon if stop is Stop.IDLE else late)).start()
    plays = [Play(case, server) for case in cases(stop, log)]
    try:
        await _each(Play.open, plays)
        server.copy_database()
        await _each(Play.before, plays)
        if stop is Stop.IDLE:
            await _each(Play.leave, plays)
            await asyncio.sleep(IDLE_DELAY + 1)  # rooms tell nobody that they close
            await until(lambda: not server.is_writing())
        if stop is not Stop.IDLE or log is not Log.KEPT:
            await asyncio.to_thread(server.stop, signal.SIGKILL if stop is Stop.KILL else signal.SIGTERM)
            if log is not Log.KEPT:
                (server.lose_database if log is Log.LOST else server.restore_database)()
        await _each(Play.meanwhile, plays)
        if not server.is_running:
            server.options = soon
            await asyncio.to_thread(server.start)
        await _each(Play.after, plays)
    finally:
        await asyncio.to_thread(server.stop)
    return {play.case: play.outcome for play in plays}, server.log()


class Play:
    """One case: one document, its client, and somebody new to it."""

    def __init__(self, case: Case, server: LiveServer) -> None:
        self.case, self.server = case, server
        self.path = server.work / case.name
        self.client = self._client()
        self.outcome = Outcome()
        content.write(self.path, case.kind, content.START)

    def _client(self, kept: list[Kept] | None = None) -> LiveClient:
        is_text = self.case.kind.is_text
        return LiveClient(
            self.server,
            self.case.name,
            "text" if is_text else "json",
            "file" if is_text else "notebook",
            kept=kept or [],
        )

    async def open(self) -> None:
        await self.client.open()

    async def before(self) -> None:
        """An edit is made and confirmed."""
        content.edit(self.client, self.case.kind, content.TYPED, "which", content.NEW)
        await self.client.until(lambda: self.client.is_logged)
        if self.case.stop is Stop.CLEAN:
            assert (await self.client.save())["status"] == "success"

    async def leave(self) -> None:
        await self.client.cut()
        await self.client.until(lambda: content.TYPED in self.path.read_text())

    async def meanwhile(self) -> None:
        """The server is away, or has forgotten the document."""
        await self.client.until(lambda: self.client.closed)
        if self.case.person is not Person.IDLE:
            content.edit(self.client, self.case.kind, content.OFFLINE, "is edited", content.NEW_OFFLINE)
        if self.case.person is Person.TAB:
            self.client = self._client(await self.client.close_tab())
        content.change(self.path, self.case.kind, self.case.file)

    async def after(self) -> None:
        """Everybody comes (back)."""
        fresh = self._client()
        try:
            if self.case.is_late:
                await fresh.open()
            await (self.client.open() if self.case.person is Person.TAB else self.client.connect())
            if not self.case.is_late:
                await fresh.open()
            await fresh.until(lambda: self._is_quiet(fresh))
        except Exception as error:
            self.outcome.error = f"{type(error).__name__}: {error}"
        self._look(fresh)
        await asyncio.gather(self.client.close(), fresh.close())

    def _is_quiet(self, fresh: LiveClient) -> bool:
        self._look(fresh)
        clients = self.client, fresh
        is_equal = self.outcome.client == self.outcome.fresh and self._is_in_file(self.outcome.fresh)
        return is_equal and all(client.is_saved and client.latest("state")["file"] == "saved" for client in clients)

    def _is_in_file(self, cells: list[content.Cell]) -> bool:
        has_ids = any(name for name, _ in self.outcome.file)
        return self.outcome.file == (cells if has_ids else [("", lines) for _, lines in cells])

    def _look(self, fresh: LiveClient) -> None:
        kind = self.case.kind
        self.outcome.client, self.outcome.fresh = content.seen(self.client, kind), content.seen(fresh, kind)
        try:
            self.outcome.file = content.read(self.path, kind)
        except ValueError:
            pass  # it is being written


async def _each(step: object, plays: list[Play]) -> None:
    """Take a step with every document that nothing has gone wrong with."""
    free = asyncio.Semaphore(AT_ONCE)

    async def take(play: Play) -> None:
        async with free:
            if not play.outcome.error:
                try:
                    await step(play)  # type: ignore[operator]
                except Exception as error:
                    play.outcome.error = f"{step.__name__}: {type(error).__name__}: {error}"  # type: ignore[attr-defined]

    await asyncio.gather(*(take(play) for play in plays))
