"""Several processes on one Redis and one PostgreSQL: a Jupyter server that has the files, and relays."""

from __future__ import annotations

import http.client
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from websockets.typing import Subprotocol

from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.server import LiveServer
from jupyter_live.testing.service import Service
from jupyter_live.testing.services import Postgres, Redis


class RelayProcess(Service):
    """`jupyter live serve`, in a process of its own, with this environment besides ours."""

    def __init__(
        self,
        home: Path,
        database: str,
        layer: str,
        keys: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(home)
        self._environment = environment or {}
        self._options = ("--database", database, "--layer", layer, "--keys", str(keys), *options)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, str]:
        """Answer of an HTTP request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def _launch(self) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "jupyter_live.cli", "serve", *self._options, "--port", str(self.port))
        told = ("env", *(f"{name}={value}" for name, value in self._environment.items())) if self._environment else ()
        return self._popen(*told, *command, cwd=self.home)

    def _answers(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False


class Cluster:
    """A Jupyter server and some relays. `home` must not have been used before."""

    def __init__(self, home: Path, redis: Redis, postgres: Postgres, *options: str, relays: int = 2) -> None:
        self.redis, self.postgres = redis, postgres
        self.database, self.layer = postgres.database("live"), redis.url
        self.keys = home / "keys"
        home.mkdir(parents=True, exist_ok=True)
        self.keys.write_text(secrets.token_urlsafe(48))
        self.relays = [self.relay(home / f"relay-{number}") for number in range(relays)]
        shared = f"--LiveApp.database={self.database}", f"--LiveApp.layer={self.layer}"
        url = self.relays[0].url if relays else "ws://127.0.0.1:1"
        told = f"--LiveApp.relay_url={url}", f"--LiveApp.keys={self.keys}"
        self.server = LiveServer(home / "jupyter", *shared, *told, *options)

    def relay(self, home: Path, *options: str, environment: Mapping[str, str] | None = None) -> RelayProcess:
        """One more relay, not started."""
        return RelayProcess(home, self.database, self.layer, self.keys, *options, environment=environment)

    def __enter__(self) -> Cluster:
        try:
            self.server.start()
            for relay in self.relays:
                relay.start()
        except BaseException:
            self.__exit__()  # what has been started ends
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for relay in self.relays:
            relay.close()
        self.server.stop()

    def client(self, path: str, via: RelayProcess | None = None, **options: Any) -> RelayClient:
        """A client of one of the relays, or of the Jupyter server itself."""
        doc = ("json", "notebook") if path.endswith(".ipynb") else ("text", "file")
        return RelayClient(self.server, path, *doc, via=via, **options)


class RelayClient(LiveClient):
    """A client that connects to a relay, with a ticket from the Jupyter server; without one, to that server.

    `route` tells for each connection which one.
    """

    def __init__(
        self,
        *arguments: Any,
        via: RelayProcess | None = None,
        route: Callable[[], RelayProcess | None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.via = via
        self._route = route

    def _address(self) -> tuple[str, list[Subprotocol] | None]:
        if self._route is not None:
            self.via = self._route()
        if self.via is None:
            return super()._address()
        url = f"{self.via.url}/api/collaboration/room/{self.room}?sessionId={self.session['sessionId']}"
        return url + ("&live=1" if self.live else ""), [Subprotocol("jupyter-live"), Subprotocol(self.ticket)]

    @property
    def ticket(self) -> str:
        told: str = self.latest("ticket").get("ticket") or self.session["relay"]["ticket"]
        return told
