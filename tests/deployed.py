"""The hub of `deploy/jupyterhub`, as it is there: with its proxy, its services and the servers that it starts."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from jupyter_live.testing import LiveServer
from jupyter_live.testing.server import _free_port
from jupyter_live.testing.service import Service
from jupyter_live.testing.services import Postgres, Redis

FOLDER = Path(__file__).parent.parent / "deploy" / "jupyterhub"

# Other ports than a real hub's, somebody who may make tokens, and a relay that looks at sessions all the time.
CONFIG = """
load_subconfig({folder!r} + "/try_config.py")
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = {command!r}
c.JupyterHub.load_roles.append({{"name": "tests", "services": ["tests"], "scopes": ["tokens", "admin:servers"]}})
c.Spawner.args.append("--allow-root")
c.JupyterHub.redirect_to_server = False
for service in c.JupyterHub.services:
    if service["name"] == "jupyter-live":
        service["command"][1:3] = ["-c", {quick!r}]
    else:
        service["command"].append("--allow-root")
c.JupyterHub.services.append({{"name": "tests", "api_token": "secret-of-the-tests"}})
"""
QUICK = """
from jupyter_live import cli, watch
from jupyter_live.hub import client
watch.LOOK = client.CACHED = 1
cli.main()
"""


def install_proxy() -> list[str]:
    """The command of the proxy; installed by npm if it is not there."""
    lock, mark = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not (mark.is_file() and mark.stat().st_mtime >= lock.stat().st_mtime):
        npm = shutil.which("npm")
        assert npm, "these tests need Node.js with npm: scripts/test installs it"
        subprocess.run([npm, "ci"], cwd=FOLDER, check=True)
        os.utime(mark)
    return ["node", str(FOLDER / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy")]


class DeployedHub(Service):
    """Serves at `url`; what it and its servers keep is below `home`. `shared` is what its relays are told, if any."""

    start_timeout = 200.0  # with all that the hub starts itself, one after the other

    def __init__(self, home: Path, shared: Mapping[str, str] | None = None) -> None:
        super().__init__(home)
        self.url = f"http://127.0.0.1:{self.port}"
        self.documents = home / "documents"
        self.documents.mkdir()
        self.work = home / "homes" / "analysis"
        ports = {name: str(_free_port()) for name in ("RELAY_PORT", "FILES_PORT")}
        self._environment = {
            **ports,
            **{f"JUPYTER_LIVE_{name}": value for name, value in (shared or {}).items()},
            "HUB_PUBLIC_URL": self.url,
            "DOCUMENTS": str(self.documents),
            "JUPYTER_CONFIG_DIR": str(home / "none"),
        }
        addresses = {"folder": str(FOLDER), "hub": _free_port(), "proxy": _free_port()}
        text = CONFIG.format(**addresses, command=install_proxy(), quick=QUICK)
        (home / "config.py").write_text(text)

    def token(self, user: str) -> str:
        """A new token of a user, with all that they may do."""
        return str(self.ask("POST", f"users/{user}/tokens", {})["token"])

    def ask(self, method: str, path: str, body: Any = None, token: str = "secret-of-the-tests") -> Any:
        """The hub's API; an HTTPError when it refuses."""
        headers = {"Authorization": f"token {token}"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.url}/hub/api/{path}", data, headers, method=method), timeout=60) as response:
            text = response.read().decode()
        return json.loads(text) if text else None

    def entrance(self, user: str, path: str = "user/analysis/") -> Entrance:
        """A server of the hub, as this user with a token finds it through the proxy."""
        return Entrance(self, path, self.token(user))

    def _launch(self) -> subprocess.Popen[bytes]:
        told = ("env", *(f"{name}={value}" for name, value in self._environment.items()))
        return self._popen(*told, sys.executable, "-m", "jupyterhub", "-f", self.home / "config.py", cwd=self.home)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/hub/health", timeout=5) as response:
                return bool(response.status == 200)
        except (URLError, OSError):
            time.sleep(0.2)  # the proxy writes ten lines for each time that it does not reach the hub yet
            return False


def deployed(home: Path, redis: Redis, postgres: Postgres) -> DeployedHub:
    """A hub on these services, with keys of its own. To be entered."""
    keys = home / "keys"
    keys.write_text(secrets.token_urlsafe(48))
    return DeployedHub(home, {"DATABASE": postgres.database("hub"), "LAYER": redis.url, "KEYS": str(keys)})


class Entrance(LiveServer):
    """A server that the hub has started."""

    def __init__(self, hub: DeployedHub, path: str, token: str) -> None:
        self.url, self.token = f"{hub.url}/{path}", token

    @property
    def headers(self) -> dict[str, str]:
        """For a socket: behind a hub a token in the address counts for browsers only."""
        return {"Authorization": f"token {self.token}"}


class Visitor:
    """A browser without pictures: keeps cookies, follows redirects, sends the forms of the hub."""

    def __init__(self, hub: DeployedHub) -> None:
        self.hub = hub
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, text, and the path to which redirects have led."""
        return self._send(Request(self.hub.url + path))

    def post(self, path: str, origin: str, fields: Sequence[tuple[str, str]] = ()) -> tuple[int, str, str]:
        headers = {"Origin": origin}
        return self._send(Request(self.hub.url + path, urlencode(fields).encode(), headers, method="POST"))

    def sign_in(self, name: str) -> Visitor:
        """With the hub's own form."""
        self.get("/hub/login")
        xsrf = next(cookie.value or "" for cookie in self.cookies if cookie.name == "_xsrf")
        fields = ("username", name), ("password", "x"), ("_xsrf", xsrf)
        status, text, _ = self.post("/hub/login", self.hub.url, fields)
        assert status == 200 or "/hub/spawn" in text, text
        return self

    def cookie(self, path: str) -> str:
        """What is sent along to a path."""
        request = Request(self.hub.url + path)
        self.cookies.add_cookie_header(request)
        return str(request.get_header("Cookie", ""))

    def _send(self, request: Request) -> tuple[int, str, str]:
        try:
            with self._opener.open(request, timeout=60) as response:
                status, text, url = response.status, response.read().decode(), response.url
        except HTTPError as error:
            status, text, url = error.code, error.read().decode(), error.url or ""
        return status, text, url.removeprefix(self.hub.url)
