"""A relay: a process that serves documents to many people, and has no files. The composition root beside `app.py`.

`application` is for any ASGI server (`uvicorn jupyter_live.asgi:application`, `daphne jupyter_live.asgi:application`);
`jupyter live serve` runs it with the right limits. It is configured by environment variables; see `Settings.read`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_live.config import Config, redacted
from jupyter_live.door import Door
from jupyter_live.errors import LiveError
from jupyter_live.health import Health
from jupyter_live.lifespan import Lifespan
from jupyter_live.panel import Panel
from jupyter_live.settings import configure
from jupyter_live.tickets import KeyFile, Tickets

log = logging.getLogger(__name__)

PREFIX = "api/collaboration"

SPREAD = 2.0  # seconds in which a relay that ends lets its people go: they come back elsewhere, not all in one moment


@dataclass(frozen=True)
class Settings:
    """What a relay has to be told."""

    database: str
    layer: str
    keys: Path
    origins: tuple[str, ...] = ()
    metrics: bool = False
    """Whether `/metrics` and `/statusz` are answered, to anybody who can reach the port."""
    config: Config = field(init=False)

    def __post_init__(self) -> None:
        config = Config(Path(), database_url=self.database, layer_url=self.layer)
        object.__setattr__(self, "config", config)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From JUPYTER_LIVE_DATABASE, _LAYER, _KEYS (a file), _ORIGINS (of pages, with commas in between), _METRICS.

        Raises LiveError `not_started` when one that must be there is not.
        """
        names = [f"JUPYTER_LIVE_{name}" for name in ("DATABASE", "LAYER", "KEYS")]
        if missing := [name for name in names if not environment.get(name)]:
            raise LiveError("not_started", f"{', '.join(missing)} must be set")
        database, layer, keys = (environment[name] for name in names)
        origins = environment.get("JUPYTER_LIVE_ORIGINS", "").replace(",", " ").split()
        return cls(database, layer, Path(keys), tuple(origins), environment.get("JUPYTER_LIVE_METRICS") == "1")


class RelayServer:
    """One relay. `start` it in the event loop that serves `application`, and `drain` it there before that ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        tickets = Tickets(KeyFile(settings.keys))
        configure(settings.config)
        self._rooms: Any = None
        self._operating: Any = None
        door = Door(self._serve, tickets, PREFIX, settings.origins)
        health = Health(Lifespan(door, self.start, self.drain), self.missing)
        self.application = Panel(health, self.metrics, self.status) if settings.metrics else health

    async def start(self) -> None:
        """Raises LiveError `not_started` when database or layer cannot be reached."""
        if self._rooms is not None:
            return
        from jupyter_live.consumers.relay import RelayConsumer, check_layer
        from jupyter_live.consumers.routing import relay_application
        from jupyter_live.engine.pycrdt import PycrdtEngine
        from jupyter_live.joining import Joiner
        from jupyter_live.leases import Never
        from jupyter_live.log.shared import prepare_shared
        from jupyter_live.log.sql import SqlLog
        from jupyter_live.operating import Operating
        from jupyter_live.rooms import NO_FILES, Rooms

        config, engine = self._settings.config, PycrdtEngine()
        await asyncio.to_thread(prepare_shared, redacted(config.database_url))
        await check_layer()
        self._check_layer = check_layer
        self._log = SqlLog(engine.merge, engine.fold, engine.fold_onto)
        joiner = Joiner(engine, self._log, RelayConsumer)
        self._rooms = Rooms(config, self._log, joiner.open, NO_FILES, Never(), RelayConsumer)
        self._operating = Operating(self._rooms, self._log)
        self._channels = relay_application(self._rooms, config)

    async def drain(self) -> None:
        """Send everyone away to come back elsewhere, and log what has come."""
        if self._rooms is None:
            return
        self._operating.is_draining = True
        members = [member for room in self._rooms.all() for member in room.members]
        random.shuffle(members)
        for member in members:
            member.close(LiveError("restarting"))
            await asyncio.sleep(SPREAD / len(members))
        await self._rooms.drain()
        await self._log.close()
        self._operating.close()

    def metrics(self) -> bytes:
        """What Prometheus reads. Raises LiveError, also before the start."""
        if self._operating is None:
            raise LiveError("not_ready")
        text: bytes = self._operating.metrics()
        return text

    def status(self) -> dict[str, Any]:
        """What `jupyter live status` shows."""
        status: dict[str, Any] = self._operating.status() if self._operating else {"state": "starting"}
        return status

    async def missing(self) -> dict[str, str]:
        """What is not as it should be, for whoever asks whether this process can serve."""
        if self._rooms is None:
            return {"server": "starting"}
        parts = {"database": self._log.tails([]), "layer": self._check_layer()}
        answers = await asyncio.gather(*parts.values(), return_exceptions=True)
        told = zip(parts, answers, strict=True)
        found = {part: "unreachable" for part, answer in told if isinstance(answer, BaseException)}
        return found | ({"log": self._log.health.code} if self._log.health else {})

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await self._channels(scope, receive, send)


def __getattr__(name: str) -> Any:
    """`application` is made when it is asked for: who imports this module otherwise needs no environment."""
    if name != "application":
        raise AttributeError(name)
    application = RelayServer(Settings.read(os.environ)).application
    globals()["application"] = application
    return application
