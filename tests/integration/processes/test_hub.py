"""A relay that is a service of JupyterHub: who has which token may do what."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
import websockets
from jupyterhub import version_info
from websockets.typing import Subprotocol

from jupyter_live.asgi import Settings
from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.hub import client as module
from jupyter_live.hub.client import Hub as HubClientSide
from jupyter_live.hub.cookies import Cookies
from jupyter_live.hub.people import HubPeople
from jupyter_live.ids import Identity
from jupyter_live.testing.cluster import Cluster, RelayClient, RelayProcess
from jupyter_live.testing.server import _free_port
from jupyter_live.testing.service import Service
from jupyter_live.testing.services import Postgres, Redis

from .conftest import OPTIONS
from .people import all_saved, write

ACCESS = "access:services!service=jupyter-live"
READ = "custom:jupyter-live:read"

# As docs/operations.md shows it.
CONFIG = """
c.JupyterHub.custom_scopes = {
    "custom:jupyter-live:read": {"description": "Look at documents of Jupyter Live"},
    "custom:jupyter-live:write": {
        "description": "Edit documents of Jupyter Live",
        "subscopes": ["custom:jupyter-live:read"],
    },
}
c.JupyterHub.services = [{"name": "jupyter-live", "api_token": "secret-of-the-relays"}]
access = "access:services!service=jupyter-live"
c.JupyterHub.load_roles = [
    {"name": "live-editors", "users": ["ada"], "scopes": [access, "custom:jupyter-live:write"]},
    {"name": "live-viewers", "users": ["bob"], "scopes": [access, "custom:jupyter-live:read"]},
]
"""

# A hub to which no browser comes: it needs no proxy. Tests make tokens in the name of a second service.
HERE = """
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    routes = {}

    async def get_all_routes(self):
        return self.routes

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.redirect_to_server = False

class Names(DummyAuthenticator):
    async def authenticate(self, handler, data):
        name = await super().authenticate(handler, data)
        return {"name": name, "user_info": {"display_name": "Ada Lovelace", "color": None, "else": 1}}

c.JupyterHub.authenticator_class = Names
c.Authenticator.allowed_users = {"ada", "bob", "eve", "carl", "dora"}
c.Authenticator.admin_users = {"root"}
c.JupyterHub.services += [{"name": name, "api_token": f"secret-of-the-{name}"} for name in ("tests", "others")]
c.JupyterHub.load_roles += [
    {"name": "tests", "services": ["tests"], "scopes": ["tokens"]},
    {"name": "at-the-door", "users": ["carl", "dora"], "scopes": [access]},
    {"name": "writes-there", "users": ["carl"], "scopes": ["custom:jupyter-live:write!service=others"]},
    {"name": "writes-here", "users": ["dora"], "scopes": ["custom:jupyter-live:write!service=jupyter-live"]},
]
"""


class Hub(Service):
    """A JupyterHub without browsers and without single-user servers; its database survives a stop."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        addresses = {"hub_bind_url": self.port, "bind_url": _free_port()}
        told = [f'c.JupyterHub.{name} = "http://127.0.0.1:{port}"\n' for name, port in addresses.items()]
        (home / "config.py").write_text(CONFIG + HERE + "".join(told))

    @property
    def environment(self) -> dict[str, str]:
        """What this hub would tell the service, if it started it."""
        names = {"API_URL": self.url, "API_TOKEN": "secret-of-the-relays", "SERVICE_NAME": "jupyter-live"}
        return {f"JUPYTERHUB_{name}": value for name, value in names.items()}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub/api"

    def token(self, user: str, scopes: Sequence[str] | None = None) -> str:
        """A new token of a user: with all that they may do, or with these scopes."""
        token: str = self._new(user, scopes)["token"]
        return token

    def sign_in(self, user: str) -> None:
        """As a browser does: from then on the hub knows what its authenticator tells of the user."""
        cookies = CookieJar()
        browser, login = build_opener(HTTPCookieProcessor(cookies)), self.url.replace("api", "login")
        browser.open(login, timeout=20).close()
        xsrf = next(cookie.value or "" for cookie in cookies if cookie.name == "_xsrf")
        browser.open(login, urlencode({"username": user, "password": "", "_xsrf": xsrf}).encode(), timeout=20).close()

    def revoked(self, user: str) -> str:
        """A token that was good a moment ago."""
        model = self._new(user, None)
        self._ask("DELETE", f"/users/{user}/tokens/{model['id']}")
        return str(model["token"])

    def revoke_all(self, user: str) -> None:
        for each in json.loads(self._ask("GET", f"/users/{user}/tokens"))["api_tokens"]:
            self._ask("DELETE", f"/users/{user}/tokens/{each['id']}")

    def _new(self, user: str, scopes: Sequence[str] | None) -> dict[str, Any]:
        body = {"scopes": [*scopes]} if scopes is not None else {}
        model: dict[str, Any] = json.loads(self._ask("POST", f"/users/{user}/tokens", body))
        return model

    def _ask(self, method: str, path: str, body: Any = None) -> str:
        headers = {"Authorization": "token secret-of-the-tests"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=20) as response:
            return str(response.read().decode())

    def _launch(self) -> subprocess.Popen[bytes]:
        return self._popen(sys.executable, "-m", "jupyterhub", "-f", self.home / "config.py", cwd=self.home)

    def _answers(self) -> bool:
        try:
            return "version" in self._ask("GET", "/")
        except (URLError, OSError):
            return False


class HubClient(RelayClient):
    """Shows the relay no ticket."""

    def _address(self) -> tuple[str, list[Subprotocol] | None]:
        return super()._address()[0], None


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with Hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, postgres_server: Postgres
) -> Iterator[Cluster]:
    """A Jupyter server alone; the relay is a fixture of its own."""
    home = tmp_path_factory.mktemp("cluster")
    with Cluster(home, redis_server, postgres_server, *OPTIONS, relays=0) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def relay(cluster: Cluster, hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with cluster.relay(tmp_path_factory.mktemp("relay"), "--hub", environment=hub.environment) as relay:
        yield relay


Knock = Callable[..., Any]


@pytest.fixture
def knock(cluster: Cluster, relay: RelayProcess, work: Path) -> Knock:
    """Opens a socket, and tells the code with which the relay closes it; None where it speaks."""
    (work / "door.txt").write_text("begun\n")
    _, session = cluster.server.session("door.txt", "text", "file")
    rooms, told = f"{relay.url}/api/collaboration/room", f"?sessionId={session['sessionId']}"

    async def knock(
        *offered: str, query: str = "", room: str = f"text:file:{session['fileId']}", **headers: str
    ) -> int | None:
        protocols = [Subprotocol(each) for each in offered] or None
        async with websockets.connect(
            f"{rooms}/{room}{told}{query}", subprotocols=protocols, additional_headers=headers
        ) as socket:
            assert socket.subprotocol == ("jupyter-live" if offered else None)
            try:
                assert await socket.recv()
                return None
            except websockets.ConnectionClosed:
                return socket.close_code

    return knock


async def enter(cluster: Cluster, relay: RelayProcess, path: str, token: str) -> HubClient:
    """Somebody who opens a file through the relay."""
    client = HubClient(cluster.server, path, "text", "file", via=relay)
    await client.open(headers={"Authorization": f"token {token}"})
    return client


async def test_with_the_scope_people_edit(cluster: Cluster, relay: RelayProcess, hub: Hub, work: Path) -> None:
    (work / "edited.txt").write_text("begun\n")
    ada = await enter(cluster, relay, "edited.txt", hub.token("ada"))
    hello = ada.latest("hello")
    assert hello["role"] == "writer" and hello["user"]["username"] == "ada"
    write(ada, "by ada")
    await all_saved([ada])
    assert (work / "edited.txt").read_text() == "begun\nby ada\n"
    await ada.close()


@pytest.mark.parametrize(
    ("user", "scopes", "role"),
    [
        ("bob", None, "viewer"),
        ("ada", [ACCESS, READ], "viewer"),
        ("root", None, "writer"),
        ("dora", None, "writer"),
    ],
)
async def test_a_token_s_scopes_are_its_role(
    cluster: Cluster, relay: RelayProcess, hub: Hub, work: Path, user: str, scopes: list[str] | None, role: str
) -> None:
    """Also those of a person who might do more: a token with few scopes can be given away."""
    (work / "looked-at.txt").write_text("begun\n")
    person = await enter(cluster, relay, "looked-at.txt", hub.token(user, scopes))
    assert person.latest("hello")["role"] == role and person.latest("hello")["user"]["username"] == user
    if role == "viewer":
        write(person, "not allowed")
        await person.until(lambda: person.latest("refused"))
        assert "not allowed" not in (work / "looked-at.txt").read_text()
    await person.close()


async def test_a_token_may_come_in_several_ways(knock: Knock, hub: Hub, relay: RelayProcess) -> None:
    token = hub.token("bob")
    assert await knock(Authorization=f"token {token}") is None
    assert await knock(Authorization=f"Bearer {token}") is None
    assert await knock("jupyter-live.hub", token, "jupyter-live") is None
    assert await knock(query=f"&token={token}") is None
    assert token not in relay.log()


async def test_without_access_people_are_turned_away(knock: Knock, hub: Hub, relay: RelayProcess) -> None:
    for token in (hub.token("eve"), hub.token("ada", ["read:users:name!user=ada"]), "secret-of-the-relays"):
        assert await knock(Authorization=f"token {token}") == 4403
        assert token not in relay.log()


async def test_without_a_role_people_may_open_nothing(knock: Knock, hub: Hub) -> None:
    """Whoever may enter the service, and even who may write, but at another one. What there is, they do not learn."""
    for token in (hub.token("carl"), hub.token("ada", [ACCESS]), hub.token("root", [ACCESS])):
        assert await knock(Authorization=f"token {token}") == 4403
        assert await knock(room="text:file:none", Authorization=f"token {token}") == 4403, "the same as of one that is"
    assert await knock(room="text:file:none", Authorization=f"token {hub.token('ada')}") == 1003


async def test_tokens_of_nobody_are_turned_away(knock: Knock, hub: Hub, relay: RelayProcess) -> None:
    for token in ("garbage", "x" * 5000, "ümläut", hub.revoked("ada")):
        assert await knock(Authorization=f"token {token}".encode().decode("latin-1")) == 4401
        assert token not in relay.log()
    assert await knock(query="&token=a%0d%0aHost:%20b") == 4401
    assert await knock(query="&token=") == 4401
    assert await knock(Authorization="Basic YTpi") == 4401
    assert await knock("jupyter-live") == 4401
    assert await knock() == 4401


async def test_while_the_hub_is_away_people_are_told_to_come_back(knock: Knock, hub: Hub, relay: RelayProcess) -> None:
    known, fresh = hub.token("ada"), hub.token("ada")
    assert await knock(Authorization=f"token {known}") is None
    hub.stop()
    try:
        assert await knock(Authorization=f"token {fresh}") == 1013
        assert await knock(Authorization=f"token {known}") is None, "the hub's answer counts for a while"
    finally:
        hub.start()
    assert await knock(Authorization=f"token {fresh}") is None
    assert fresh not in relay.log() and known not in relay.log()


async def test_a_hub_that_hangs_is_not_waited_for_forever(knock: Knock, hub: Hub) -> None:
    token = hub.token("ada")
    hub.pause()
    try:
        assert await knock(Authorization=f"token {token}") == 1013
    finally:
        hub.resume()
    assert await knock(Authorization=f"token {token}") is None


def people_of(hub: Hub) -> HubPeople:
    return HubPeople(HubClientSide.read(hub.environment), Cookies(lambda: ["k" * 40], "/"))


def shown(token: str) -> dict[str, Any]:
    return {"headers": [(b"authorization", f"token {token}".encode())], "query_string": b""}


async def test_a_revoked_token_opens_nothing_once_the_answer_is_old(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED", 1)
    people, token = people_of(hub), hub.token("bob")
    assert await people(shown(token)) == Person(Identity("bob"), frozenset({"read"}))
    hub.revoke_all("bob")
    with pytest.raises(LiveError, match="unauthenticated"):
        for _ in range(200):
            await people(shown(token))
            await asyncio.sleep(0.1)


@pytest.mark.skipif(version_info < (6,), reason="JupyterHub 5 knows names only")
async def test_people_are_called_what_the_hub_calls_them(hub: Hub) -> None:
    hub.sign_in("ada")
    person = await people_of(hub)(shown(hub.token("ada")))
    assert person and person.identity == Identity("ada", display_name="Ada Lovelace")


@pytest.mark.parametrize("missing", ["API_URL", "API_TOKEN", "SERVICE_NAME"])
def test_what_a_service_is_told_must_be_there(hub: Hub, missing: str) -> None:
    environment = {**hub.environment, f"JUPYTERHUB_{missing}": ""}
    needed = {f"JUPYTER_LIVE_{name}": "x" for name in ("DATABASE", "LAYER", "KEYS")}
    with pytest.raises(LiveError, match=f"not_started.*JUPYTERHUB_{missing} must be set"):
        Settings.read({**environment, **needed, "JUPYTER_LIVE_HUB": "1"})
    assert Settings.read({**environment, **needed}).hub is None


def test_without_the_library_a_relay_says_what_to_install(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterhub.services.auth", None)
    with pytest.raises(LiveError, match=r"not_started.*install jupyter-live\[hub\]"):
        HubClientSide.read(hub.environment)


def test_a_relay_that_is_told_nothing_of_its_hub_says_so(cluster: Cluster, tmp_path: Path) -> None:
    nothing = {f"JUPYTERHUB_{name}": "" for name in ("API_URL", "API_TOKEN", "SERVICE_NAME")}
    with pytest.raises(RuntimeError, match="not_started: JUPYTERHUB_API_URL, "):
        cluster.relay(tmp_path, "--hub", environment=nothing).start()
