"""Who may pass the mount, on a real server with the whole extension below a base URL."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import websockets
from websockets.exceptions import InvalidStatus

from jupyter_live import protocol
from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

from .hosting import Hosting

AUTHORIZER = """
from jupyter_server.auth import Authorizer

ROLES = {"reader": {"read"}, "nobody": set()}


class ByHeader(Authorizer):
    "Allows what the request's X-Role may do."

    def is_authorized(self, handler, user, action, resource):
        assert user is not None and resource
        if resource != "contents":
            return True
        return action in ROLES.get(handler.request.headers.get("X-Role", ""), {"read", "write"})
"""

FRIEND = "https://friend.example"
FOREIGN = ["https://evil.example", "null", "http://127.0.0.1:1", "https://friend.example.evil.example"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("gate")
    modules = tmp_path_factory.mktemp("modules")
    (modules / "by_header.py").write_text(AUTHORIZER)
    options = ["--ServerApp.authorizer_class=by_header.ByHeader", f"--ServerApp.allow_origin={FRIEND}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(modules), prepend=":")
        with LiveServer(home, *options, base_url="/user/me/") as server:
            (server.work / "known.txt").write_text("known")
            yield server


@dataclass(frozen=True)
class Attempt:
    """One request without anything that lets it in but what the test adds."""

    server: LiveServer
    path: str = "known.txt"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def put_session(attempt: Attempt) -> tuple[int, str]:
    status, answer = attempt.server.request(
        "PUT",
        f"api/collaboration/session/{attempt.path}{attempt.query}",
        {"format": "text", "type": "file"},
        attempt.headers,
        signed_in=False,
    )
    return status, answer.get("code", "") if isinstance(answer, dict) else str(answer)


async def open_room(attempt: Attempt, room: str) -> tuple[int, str]:
    url = attempt.server.url.replace("http", "ws", 1) + f"api/collaboration/room/{room}{attempt.query}"
    try:
        async with websockets.connect(url, additional_headers=attempt.headers) as socket:
            await socket.send(protocol.step1(b"\x00"))
            assert await socket.recv()
            return 101, ""
    except InvalidStatus as refusal:
        return refusal.response.status_code, json.loads(refusal.response.body)["code"]


async def session(attempt: Attempt) -> tuple[int, str]:
    return await asyncio.to_thread(put_session, attempt)


async def document(attempt: Attempt) -> tuple[int, str]:
    _, known = await asyncio.to_thread(attempt.server.session, "known.txt", "text", "file")
    return await open_room(attempt, f"text:file:{known['fileId']}")


async def lobby(attempt: Attempt) -> tuple[int, str]:
    return await open_room(attempt, "JupyterLab:globalAwareness")


Entrance = Callable[[Attempt], Coroutine[Any, Any, tuple[int, str]]]
LET_IN = {(101, ""), (200, ""), (201, "")}
every_entrance = pytest.mark.parametrize("enter", [session, document, lobby])


@every_entrance
@pytest.mark.parametrize("authorization", ["token secret", "Bearer secret", None])
async def test_the_token_lets_in(server: LiveServer, enter: Entrance, authorization: str | None) -> None:
    by_header = Attempt(server, headers={"Authorization": authorization or ""})
    assert await enter(by_header if authorization else Attempt(server, query="?token=secret")) in LET_IN


@every_entrance
@pytest.mark.parametrize("query", ["", "?token=wrong", "?token=", "?token=secret2&token=x"])
async def test_without_the_token_nobody_gets_in(server: LiveServer, enter: Entrance, query: str) -> None:
    """Although `allow_unauthenticated_access` is true, as by default."""
    assert await enter(Attempt(server, query=query)) == (403, "unauthenticated")
    wrong = {"Authorization": "token wrong", "Cookie": "username-127-0-0-1=2|1:0|10:1|forged"}
    assert await enter(Attempt(server, query=query, headers=wrong)) == (403, "unauthenticated")


@every_entrance
@pytest.mark.parametrize("origin", FOREIGN)
async def test_pages_of_other_origins_are_refused_even_with_the_token(
    server: LiveServer, enter: Entrance, origin: str
) -> None:
    for attempt in (
        Attempt(server, query="?token=secret", headers={"Origin": origin}),
        Attempt(server, headers={"Origin": origin, "Authorization": "token secret"}),
    ):
        assert await enter(attempt) == (403, "foreign_origin")


@every_entrance
async def test_our_own_pages_and_those_of_allow_origin_are_let_in(server: LiveServer, enter: Entrance) -> None:
    for origin in (f"http://127.0.0.1:{server.port}", FRIEND, FRIEND.upper()):
        assert await enter(Attempt(server, query="?token=secret", headers={"Origin": origin})) in LET_IN, origin


def preflight(server: LiveServer, origin: str) -> tuple[int, str | None, str | None]:
    """What a browser asks before a page of `origin` may PUT with a token: status, who may, and with which headers."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    request = Request(f"{server.url}api/collaboration/session/new.txt", headers=headers, method="OPTIONS")
    try:
        with build_opener().open(request, timeout=20) as response:
            told = response.headers
            return response.status, told["Access-Control-Allow-Origin"], told["Access-Control-Allow-Headers"]
    except HTTPError as refusal:
        return refusal.code, refusal.headers["Access-Control-Allow-Origin"], None


async def test_pages_of_allow_origin_may_ask_with_a_token(server: LiveServer) -> None:
    assert await asyncio.to_thread(preflight, server, FRIEND) == (204, FRIEND, "authorization, content-type")
    for origin in FOREIGN:
        assert await asyncio.to_thread(preflight, server, origin) == (403, None, None), origin


async def test_a_foreign_host_name_is_refused(server: LiveServer) -> None:
    """The trick of a page whose name is made to point at this machine (DNS rebinding): its origin is the host's."""
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert await session(Attempt(server, query="?token=secret", headers=headers)) == (403, "unauthenticated")


@every_entrance
async def test_the_authorizer_decides(server: LiveServer, enter: Entrance) -> None:
    nobody = Attempt(server, query="?token=secret", headers={"X-Role": "nobody"})
    assert await enter(nobody) == (403, "forbidden")
    reader = Attempt(server, query="?token=secret", headers={"X-Role": "reader"})
    assert await enter(reader) in LET_IN


async def test_who_may_only_read_is_a_viewer(server: LiveServer) -> None:
    client = LiveClient(server, "known.txt", "text", "file")
    await client.open(headers={"X-Role": "reader"})
    assert client.latest("hello")["role"] == "viewer" and str(client.text) == "known"
    await client.close()
    async with LiveClient(server, "known.txt", "text", "file") as client:
        assert client.latest("hello")["role"] == "writer"


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def sign_in(server: LiveServer) -> tuple[str, str]:
    """What a browser has after it followed the link with the token: its cookies, and the XSRF token."""
    jar: SimpleCookie = SimpleCookie()
    opener = build_opener(NoRedirect())
    for path in ("login", "login?token=secret"):
        request = Request(server.url + path, headers={"Cookie": _cookie_header(jar)})
        try:
            response = opener.open(request, timeout=20)
        except HTTPError as error:
            response = error
        for line in response.headers.get_all("Set-Cookie", []):
            jar.load(line)
    return _cookie_header(jar), jar["_xsrf"].value


def _cookie_header(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


async def test_a_browser_that_signed_in_needs_the_xsrf_token_to_put(server: LiveServer) -> None:
    cookie, xsrf = await asyncio.to_thread(sign_in, server)
    own = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{server.port}"}
    assert await session(Attempt(server, headers=own)) == (403, "xsrf")
    assert await session(Attempt(server, headers={**own, "X-XSRFToken": "wrong"})) == (403, "xsrf")
    assert await session(Attempt(server, headers={**own, "X-XSRFToken": xsrf})) in LET_IN
    assert await document(Attempt(server, headers=own)) == (101, "")
    assert await lobby(Attempt(server, headers=own)) == (101, "")


@every_entrance
async def test_a_foreign_page_cannot_use_the_cookie_of_a_browser_that_signed_in(
    server: LiveServer, enter: Entrance
) -> None:
    cookie, xsrf = await asyncio.to_thread(sign_in, server)
    assert await enter(Attempt(server, headers={"Cookie": cookie, "X-XSRFToken": xsrf})) in LET_IN
    foreign = {"Cookie": cookie, "X-XSRFToken": xsrf, "Origin": "https://evil.example"}
    assert await enter(Attempt(server, headers=foreign)) == (403, "foreign_origin")


def traces(server: LiveServer, path: str) -> tuple[int, int, str]:
    """What opening a document leaves behind: rows of the log, file ids, and lines in the server's log."""
    data = server.home / "data"
    (rows,) = _query(data / "jupyter_live" / "live.sqlite3", "SELECT count(*) FROM jupyter_live_document")
    (ids,) = _query(data / "file_id_manager.db", "SELECT count(*) FROM Files WHERE path LIKE ?", f"%{path}")
    ours = [line for line in server.log().splitlines() if path in line and "api/collaboration" not in line]
    return rows, ids, "\n".join(ours)


def _query(database: Path, sql: str, *values: str) -> tuple[int]:
    connection = sqlite3.connect(database)
    try:
        row: tuple[int] = connection.execute(sql, values).fetchone()
        return row
    finally:
        connection.close()


async def test_nothing_happens_before_someone_is_let_in(server: LiveServer) -> None:
    """Rule 12."""
    (server.work / "untouched.txt").write_text("untouched")
    cookie, _ = await asyncio.to_thread(sign_in, server)
    before = traces(server, "untouched.txt")
    for headers in (
        {},
        {"Authorization": "token wrong"},
        {"Authorization": "token secret", "Origin": "https://evil.example"},
        {"Authorization": "token secret", "X-Role": "nobody"},
        {"Cookie": cookie},  # without XSRF token
    ):
        assert (await session(Attempt(server, "untouched.txt", headers=headers)))[0] == 403
        assert (await session(Attempt(server, "missing-untouched.txt", headers=headers)))[0] == 403
    assert traces(server, "untouched.txt") == before
    right = {"Authorization": "token secret"}
    assert await session(Attempt(server, "untouched.txt", headers=right)) == (201, "")
    rows, ids, _ = traces(server, "untouched.txt")
    assert (rows, ids) == (before[0] + 1, before[1] + 1)
    assert (await session(Attempt(server, "missing-untouched.txt", headers=right)))[0] == 404
    assert "file_missing" in traces(server, "untouched.txt")[2]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize("allow", [True, False])
async def test_it_does_not_matter_whether_jupyter_allows_unauthenticated_access(hosting: Hosting, allow: bool) -> None:
    async with hosting(hello, allow_unauthenticated_access=allow) as host:
        status, _, body = await host.fetch("GET", "any", headers={"Authorization": ""})
        assert (status, json.loads(body)["code"]) == (403, "unauthenticated")
        assert (await host.fetch("GET", "any"))[0] == 200


@pytest.mark.parametrize(
    "options, origin, let_in",
    [
        ({}, "https://a.example", False),
        ({"allow_origin": "*"}, "https://a.example", True),
        ({"allow_origin_pat": r"https://[a-c]\.example$"}, "https://b.example", True),
        ({"allow_origin_pat": r"https://[a-c]\.example$"}, "https://d.example", False),
    ],
)
async def test_jupyters_settings_of_origins_are_kept(
    hosting: Hosting, options: dict[str, Any], origin: str, let_in: bool
) -> None:
    async with hosting(hello, **options) as host:
        status, _, body = await host.fetch("GET", "any", headers={"Origin": origin})
    assert status == (200 if let_in else 403)
    assert let_in or json.loads(body)["code"] == "foreign_origin"


async def test_a_refusal_says_what_to_do(server: LiveServer) -> None:
    status, answer = await asyncio.to_thread(
        server.request, "PUT", "api/collaboration/session/known.txt", {}, signed_in=False
    )
    assert (status, answer) == (403, {"code": "unauthenticated", "message": ERRORS["unauthenticated"].message})
