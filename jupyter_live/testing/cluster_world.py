"""A plan played over several processes: relays, Redis and PostgreSQL that die, hang and come back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import psycopg

from jupyter_live.testing.cluster import Cluster, RelayClient, RelayProcess
from jupyter_live.testing.holding import Kept
from jupyter_live.testing.plan import Plan, Step
from jupyter_live.testing.service import Service
from jupyter_live.testing.services import Postgres, Redis
from jupyter_live.testing.world import OPTIONS, World


class ClusterWorld(World):
    """People are at the relays and at the server in turn, another one after each reconnect."""

    quiet = 60.0  # a lease of a server that was killed takes 10 s to end, and what hangs is noticed after 5 s

    def __init__(self, plan: Plan, home: Path) -> None:
        self._services = Redis(home / "redis"), Postgres(home / "postgres")
        for service in self._services:
            service.start()
        self.cluster = Cluster(home / "cluster", *self._services, *OPTIONS, relays=plan.relays)
        self._turn = 0
        super().__init__(plan, home, self.cluster.server)

    async def play(self) -> None:
        try:
            for relay in self.cluster.relays:
                await asyncio.to_thread(relay.start)
            await super().play()
        finally:
            for service in (*self.cluster.relays, *self._services):
                await asyncio.to_thread(service.close)
        for relay in self.cluster.relays:
            assert "Traceback" not in relay.log(), relay.log()[-5000:]

    def _client(self, kept: list[Kept]) -> RelayClient:
        return self.cluster.client(self.file.path.name, kept=kept, route=self._next)

    def _next(self) -> RelayProcess | None:
        """Where to connect next; None for the server."""
        places = [*(relay for relay in self.cluster.relays if relay.is_running), *([None] if self._is_up else [])]
        self._turn += 1
        return places[self._turn % len(places)] if places else None

    async def _connect(self, step: Step) -> None:
        if self.people[step["who"]].is_open:  # also while there is no server
            self.people[step["who"]].connect()

    async def _save(self, step: Step) -> None:
        client = self.people[step["who"]].client
        if not any(service.is_paused for service in (*self._services, *self.cluster.relays)):
            return await super()._save(step)
        if isinstance(client, RelayClient) and client.via is None:  # of what hangs there is no answer
            await super()._save(step)

    async def _relay(self, step: Step) -> None:
        relay = self.cluster.relays[step["at"] % len(self.cluster.relays)]
        await self._fault(relay, "stop" if step["fault"] == "cut" else step["fault"])

    async def _redis(self, step: Step) -> None:
        await self._fault(self.cluster.redis, step["fault"])

    async def _postgres(self, step: Step) -> None:
        await self._fault(self.cluster.postgres, "stop" if step["fault"] == "cut" else step["fault"])

    async def _fault(self, service: Service, fault: str) -> None:
        if fault == "heal":
            await self._heal(service)
        elif service.is_running and not service.is_paused:
            await asyncio.to_thread(getattr(service, fault))

    async def _heal(self, service: Service) -> None:
        if service.is_running:
            service.resume()
        else:
            with suppress(RuntimeError):  # a relay without database or layer says so, and ends
                await asyncio.to_thread(service.start)

    async def _start(self, step: Step) -> None:
        if self._stopping is not None:
            for service in self._services:  # without them it starts, and serves nothing
                await self._heal(service)
        await super()._start(step)

    async def _end(self) -> None:
        for service in (*self._services, *self.cluster.relays):
            await self._heal(service)
        await super()._end()

    def _is_writing(self) -> bool:
        with suppress(psycopg.Error), psycopg.connect(self.cluster.database, connect_timeout=2) as database:
            return bool(database.execute("select 1 from jupyter_live_document where writing != ''").fetchone())
        return False
