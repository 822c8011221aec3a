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
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_live import garbage, work
from jupyter_live.asgitypes import Application
from jupyter_live.below import Below
from jupyter_live.config import Config, redacted
from jupyter_live.door import Door, Identify
from jupyter_live.engine import Engine
from jupyter_live.errors import LiveError
from jupyter_live.health import Health
from jupyter_live.hub.client import Hub
from jupyter_live.lifespan import Lifespan
from jupyter_live.operating.panel import Panel
from jupyter_live.settings import configure
from jupyter_live.tickets import KeyFile, Tickets
from jupyter_live.watch import Watch

if TYPE_CHECKING:
    from jupyter_live.hub.cookies import Cookies

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
    engine: str = "pycrdt"
    """Or "y-py", which hostile bytes can end with its process: it serves nobody but this machine,"""
    trusts: bool = False
    """unless all who come are trusted."""
    hub: Hub | None = None
    """Of which this is a service: whoever has its tokens, or signs in there, is known."""
    login: bool = False
    """Whether people sign in here, at `/login/`, with a name and a password."""
    config: Config = field(init=False)

    def __post_init__(self) -> None:
        config = Config(Path(), database_url=self.database, layer_url=self.layer)
        object.__setattr__(self, "config", config)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From JUPYTER_LIVE_DATABASE, _LAYER, _KEYS (a file), _ORIGINS (of pages, with commas in between), _METRICS,
        _ENGINE, _TRUSTS, _LOGIN and _HUB (with what a hub tells its services).

        Raises LiveError `not_started` when one that must be there is not.
        """
        names = [f"JUPYTER_LIVE_{name}" for name in ("DATABASE", "LAYER", "KEYS")]
        if missing := [name for name in names if not environment.get(name)]:
            raise LiveError("not_started", f"{', '.join(missing)} must be set")
        database, layer, keys = (environment[name] for name in names)
        origins = environment.get("JUPYTER_LIVE_ORIGINS", "").replace(",", " ").split()
        metrics, trusts = (environment.get(f"JUPYTER_LIVE_{name}") == "1" for name in ("METRICS", "TRUSTS"))
        engine = environment.get("JUPYTER_LIVE_ENGINE", "pycrdt")
        hub = Hub.read(environment) if environment.get("JUPYTER_LIVE_HUB") == "1" else None
        login = environment.get("JUPYTER_LIVE_LOGIN") == "1"
        return cls(database, layer, Path(keys), tuple(origins), metrics, engine, trusts, hub, login)


class RelayServer:
    """One relay. `start` it in the event loop that serves `application`, and `drain` it there before that ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        keys = KeyFile(settings.keys)
        self._rooms: Any = None
        self._operating: Any = None
        inside = self._with_login(keys) if settings.login else self._without_login(keys)
        # Not around the others: what operators ask for is for who reaches this port, not for all whom a hub lets pass.
        below = Below(inside, settings.hub.told.prefix) if settings.hub else inside
        health = Health(Lifespan(below, self.start, self.drain), self.missing)
        self.application = Panel(health, self.metrics, self.status) if settings.metrics else health

    def _without_login(self, keys: KeyFile) -> Application:
        told, hub = self._settings, self._settings.hub
        configure(told.config)
        if hub is None:
            return self._door(keys)
        cookies, people = self._hub_people(keys, hub)
        door = self._door(keys, people)
        if not hub.told.client:
            return door
        from jupyter_live.hub.site import HubSite

        return HubSite(door, hub, cookies, told.origins)

    def _with_login(self, keys: KeyFile) -> Application:
        from jupyter_live.login.settings import additions

        told = self._settings
        if told.hub and told.hub.told.client:
            raise LiveError("not_started", "people sign in here (--login) or at the hub (--hub), not both")
        configure(told.config, additions(keys(), told.origins, told.layer))
        from jupyter_live.login.people import People  # not before: Django's users need what was configured
        from jupyter_live.login.site import Site

        others = [self._hub_people(keys, told.hub)[1]] if told.hub else []
        return Site(self._door(keys, *others, People(keys)), keys)

    def _hub_people(self, keys: KeyFile, hub: Hub) -> tuple[Cookies, Identify]:
        from jupyter_live.hub.cookies import Cookies
        from jupyter_live.hub.people import HubPeople

        cookies = Cookies(keys, hub.told.prefix, hub.is_secure)
        return cookies, HubPeople(hub, cookies)

    def _door(self, keys: KeyFile, *others: Identify) -> Door:
        origins = self._settings.origins
        return Door(Watch(self._serve), Tickets(keys), PREFIX, origins, others, self._check)

    async def start(self) -> None:
        """Raises LiveError `not_started` when database or layer cannot be reached."""
        if self._rooms is not None:
            return
        from jupyter_live.consumers.relay import RelayConsumer, check_layer
        from jupyter_live.consumers.routing import relay_application
        from jupyter_live.joining import Joiner
        from jupyter_live.leases import Never
        from jupyter_live.log.shared import prepare_shared
        from jupyter_live.log.sql import SqlLog
        from jupyter_live.operating.reports import Operating
        from jupyter_live.rooms import NO_FILES, Rooms

        config, engine = self._settings.config, self._engine()
        folding = work.Folding(engine)
        try:
            await asyncio.to_thread(prepare_shared, redacted(config.database_url))
            await check_layer()
        except LiveError as error:  # it ends, and whoever runs it starts it again
            raise LiveError("not_started", error.detail) from error
        self._check_layer = check_layer
        self._log = SqlLog(engine.merge, folding.fold, folding.fold_onto)
        joiner = Joiner(engine, self._log, RelayConsumer)
        self._rooms = Rooms(config, self._log, joiner.open, NO_FILES, Never(), RelayConsumer)
        self._is_hardened = engine.is_hardened
        self._operating = Operating(self._rooms, self._log)
        self._channels = relay_application(self._rooms, config)
        garbage.look_less()

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
        await asyncio.to_thread(work.close)

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

    def _engine(self) -> Engine:
        if self._settings.engine == "pycrdt":
            from jupyter_live.engine.pycrdt import PycrdtEngine

            return PycrdtEngine()
        if self._settings.engine != "y-py":
            raise LiveError("not_started", f"there is no engine {self._settings.engine!r}")
        try:
            from jupyter_live.engine.ypy import YpyEngine
        except ImportError as error:
            raise LiveError("not_started", f"{error}; install jupyter-live[y-py] (Python up to 3.12)") from error
        return YpyEngine()

    def _check(self, scope: Mapping[str, Any]) -> None:
        if not (self._is_hardened or self._settings.trusts or is_loopback(scope)):
            raise LiveError("forbidden", "this engine serves only this machine, unless told to trust all who come")

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await self._channels(scope, receive, send)


def is_loopback(scope: Mapping[str, Any]) -> bool:
    """Whether a connection came in at an address that only this machine reaches."""
    host = str((scope.get("server") or ("",))[0])
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.startswith("/")  # a unix socket


def __getattr__(name: str) -> Any:
    """`application` is made when it is asked for: who imports this module otherwise needs no environment."""
    if name != "application":
        raise AttributeError(name)
    application = RelayServer(Settings.read(os.environ)).application
    globals()["application"] = application
    return application
