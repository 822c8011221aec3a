"""The relay as a service of the hub, behind its proxy: browsers sign in at the hub, who has a ticket comes as ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import websockets
from deployed import DeployedHub, Visitor
from processes.people import all_saved, all_see, write
from websockets.typing import Origin, Subprotocol

from jupyter_live.testing.cluster import RelayClient

RELAY, LOGIN = "/services/jupyter-live/", "/services/jupyter-live/login/"
SESSION = "jupyter-live-hub"


class BrowserClient(RelayClient):
    """Has no ticket, but what a browser sends along."""

    def _address(self) -> tuple[str, list[Subprotocol] | None]:
        return super()._address()[0], None


@pytest.fixture(autouse=True)
def file(hub: DeployedHub) -> Iterator[None]:
    (hub.documents / "a.txt").write_text("begun\n")
    yield


def via(hub: DeployedHub) -> Any:
    return SimpleNamespace(url=hub.url.replace("http", "ws", 1) + RELAY.rstrip("/"))


def client(hub: DeployedHub, name: str) -> BrowserClient:
    return BrowserClient(hub.entrance(name, "services/documents/"), "a.txt", "text", "file", via=via(hub))


async def enter(hub: DeployedHub, visitor: Visitor, name: str = "ada") -> BrowserClient:
    """A socket with the cookies of somebody; the document is opened by `name`, in another way."""
    person = client(hub, name)
    return await person.open(headers={"Cookie": visitor.cookie(RELAY)})  # type: ignore[return-value]


def code_of(person: BrowserClient) -> int:
    """With which the relay has closed the socket; 0 while it is open."""
    return person.closed[0] if person.closed else 0


def signed_in(hub: DeployedHub, name: str) -> Visitor:
    visitor = Visitor(hub).sign_in(name)
    assert visitor.get(LOGIN)[0] == 200
    return visitor


async def test_who_signs_in_at_the_hub_edits_with_who_has_a_ticket(hub: DeployedHub) -> None:
    visitor = Visitor(hub).sign_in("ada")
    status, page, path = visitor.get(RELAY)
    assert (status, path) == (200, RELAY) or path.startswith(f"{RELAY}oauth_callback"), "and the hub asks nothing"
    assert "Ada Lovelace" in page and "You may edit documents." in page
    ada = await enter(hub, visitor)
    bob = RelayClient(hub.entrance("bob", "services/documents/"), "a.txt", "text", "file", via=via(hub))
    await bob.open()
    assert bob.session["relay"]["url"] == via(hub).url, "the server with the documents sends people there"
    hello = ada.latest("hello")
    assert (hello["role"], hello["user"]["display_name"], hello["user"]["color"]) == (
        "writer",
        "Ada Lovelace",
        "#0072b2",
    )
    assert bob.latest("hello")["role"] == "viewer"
    write(ada, "by ada")
    await all_see([ada, bob], "by ada")
    await all_saved([ada])
    assert (hub.documents / "a.txt").read_text() == "begun\nby ada\n"
    for person in (ada, bob):
        await person.close()


async def test_a_viewer_looks_and_a_stranger_does_not(hub: DeployedHub) -> None:
    visitor = Visitor(hub).sign_in("bob")
    assert "not edit them" in visitor.get(LOGIN)[1]
    bob = await enter(hub, visitor)
    assert bob.latest("hello")["role"] == "viewer"
    write(bob, "by bob")
    await bob.until(lambda: bob.latest("refused"))
    assert "by bob" not in (hub.documents / "a.txt").read_text()
    await bob.close()
    eve = Visitor(hub).sign_in("eve")
    assert eve.get(LOGIN)[0] == 403, "by the hub itself"
    stranger = await enter(hub, eve)
    assert stranger.closed and stranger.closed[0] == 4401 and not stranger.is_synced
    assert hub.entrance("eve", "services/documents/").session("a.txt", "text", "file")[0] == 403


async def test_the_server_with_the_documents_runs_nothing(hub: DeployedHub) -> None:
    editor = hub.entrance("ada", "services/documents/")
    assert editor.request("POST", "api/kernels", {})[0] == 403
    assert editor.request("POST", "api/terminals", {})[0] in (403, 404)
    model = {"type": "file", "format": "text", "content": "x"}
    assert editor.request("PUT", "api/contents/by-hand.txt", model)[0] == 201
    assert hub.entrance("bob", "services/documents/").request("PUT", "api/contents/by-hand.txt", model)[0] == 403


def test_sign_in_leads_back(hub: DeployedHub) -> None:
    visitor = Visitor(hub).sign_in("ada")
    for where in ("/services/documents/api/status", "/hub/api/?a=b"):
        assert visitor.get(f"{LOGIN}?next={quote(where)}")[2] == where, "by way of the hub, and the second time at once"
        assert visitor.get(f"{LOGIN}?next={quote(hub.url + where, safe='')}")[2] == where
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"):
        for browser in (visitor, Visitor(hub).sign_in("ada")):
            status, page, path = browser.get(f"{LOGIN}?next={quote(evil)}")
            assert status == 200 and "Signed in" in page and path.startswith(RELAY), evil


def test_nobody_is_signed_in_as_somebody_else(hub: DeployedHub) -> None:
    """Whoever leads another browser to one's own callback does not sign it in."""
    mallory = Visitor(hub).sign_in("bob")
    path = mallory.get(LOGIN)[2]
    found = re.search(r"state=([\w-]+)", path)
    assert found, path
    victim = Visitor(hub).sign_in("ada")
    for state in (found[1], "", "x", "%00", "a" * 5000, ";=,"):
        status, page, _ = victim.get(f"{RELAY}oauth_callback?code=abc&state={quote(state)}")
        assert status == 403 and "Sign in again" in page
    assert SESSION not in victim.cookie(RELAY)


def test_a_code_that_the_hub_does_not_know_is_refused(hub: DeployedHub) -> None:
    visitor = Visitor(hub)
    path = visitor.get(LOGIN)[2]  # at the hub's form: the state is kept
    found = re.search(r"state(?:=|%3D)([\w-]+)", path)
    assert found, path
    status, page, _ = visitor.get(f"{RELAY}oauth_callback?code=abc&state={found[1]}")
    assert status == 403 and "Sign in again" in page
    status, page, _ = visitor.get(f"{RELAY}oauth_callback?error=access_denied&state={found[1]}")
    assert status == 403 and "did not let you in" in page


async def test_signing_out_ends_sockets_and_sessions(hub: DeployedHub) -> None:
    visitor = signed_in(hub, "ada")
    cookie = visitor.cookie(RELAY)
    ada = await enter(hub, visitor)
    assert code_of(ada) == 0 and visitor.post(f"{RELAY}logout/", "https://evil.example")[0] == 403
    visitor.post(f"{RELAY}logout/", hub.url)
    await ada.until(lambda: ada.closed)
    assert code_of(ada) == 4401
    assert SESSION not in visitor.cookie(RELAY)
    await ada.connect(headers={"Cookie": cookie})
    assert code_of(ada) == 4401, "the cookie that somebody has kept is worth nothing"
    assert visitor.get(LOGIN)[2].startswith("/hub/login")


async def test_signing_out_of_the_hub_is_enough(hub: DeployedHub) -> None:
    visitor = signed_in(hub, "bob")
    bob = await enter(hub, visitor)
    assert code_of(bob) == 0
    visitor.get("/hub/logout")
    await bob.until(lambda: bob.closed)
    assert code_of(bob) == 4401


async def test_a_page_of_another_origin_does_not_use_the_cookie(hub: DeployedHub) -> None:
    visitor = signed_in(hub, "ada")
    person = client(hub, "ada")
    await person.open(headers={"Cookie": visitor.cookie(RELAY)})
    url, _ = person._address()
    await person.close()
    headers = {"Cookie": visitor.cookie(RELAY)}
    async with websockets.connect(url, additional_headers=headers, origin=Origin("https://evil.example")) as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4403 and "foreign_origin" in (socket.close_reason or "")
    async with websockets.connect(url, additional_headers=headers, origin=Origin(hub.url)) as socket:
        assert await socket.recv()


def test_cookies_are_guarded_and_pages_frame_nothing(hub: DeployedHub) -> None:
    visitor = signed_in(hub, "ada")
    (cookie,) = [cookie for cookie in visitor.cookies if cookie.name == SESSION]
    assert cookie.path == RELAY and cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert not [cookie.name for cookie in visitor.cookies if cookie.name.startswith(f"{SESSION}-state")]


@pytest.mark.parametrize("path", ["metrics", "statusz", "healthz", "readyz", "else", "logout/"])
def test_the_proxy_shows_nothing_else(hub: DeployedHub, path: str) -> None:
    assert Visitor(hub).get(RELAY + path)[0] == 404
