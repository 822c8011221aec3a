"""Pages at relays, whose file a Jupyter server has: each of the processes may go, and they go on."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test.utils import freeze_time
from playwright.sync_api import Browser, Request, Route, WebSocket, expect

from jupyter_live.testing.cluster import Cluster
from jupyter_live.testing.services import Postgres, Redis
from jupyter_live.tickets import LASTS, KeyFile, Tickets

from .conftest import SHOTS, as_lab, sources_on_disk, write_notebook
from .pages import Person

SAVES = "--LiveApp.save_delay=0.2", "--LiveApp.save_delay_max=1"
SESSION = re.compile("/api/collaboration/session/")
PATH = "n.ipynb"
Lead = Callable[[dict[str, str]], dict[str, str]]
"""What a page is told of its relay, in place of what the server tells."""

BEHIND = "The file is behind; changes are safe"
BEHIND_ALOUD = "The file is behind. Changes are safe in the log."


@pytest.fixture
def cluster(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """A JupyterLab and two relays, which its pages may use."""
    cluster = Cluster(tmp_path, redis_server, postgres_server, *SAVES)
    as_lab(cluster.server)
    monkeypatch.setenv("JUPYTER_LIVE_ORIGINS", f"http://127.0.0.1:{cluster.server.port}")
    with cluster:
        write_notebook(cluster.server.work / PATH, "one", "two")
        yield cluster


class Guest(Person):
    """A person of whose page it is known where the document's sockets go, and what is asked of the server."""

    def __init__(self, browser: Browser, cluster: Cluster, name: str, lead: Lead | None = None) -> None:
        super().__init__(browser, cluster.server, name, SHOTS)
        self._lead = lead
        self._sockets: list[WebSocket] = []
        self.sessions: list[Request] = []
        """Answered ones."""
        self.page.on("websocket", self._opened)
        self.page.on("requestfinished", self._asked)
        if lead:
            self.page.route(SESSION, self._answer)

    @property
    def ports(self) -> list[int]:
        """Of the servers to which the document's sockets were opened, first to last."""
        return [urlsplit(socket.url).port or 0 for socket in self._sockets]

    @property
    def port(self) -> int:
        """Of the server to which the document is connected now, or 0."""
        return next((urlsplit(socket.url).port or 0 for socket in self._sockets if not socket.is_closed()), 0)

    def is_at(self, port: int) -> None:
        """Wait until the document is connected to this server, and to it alone."""
        self.until(lambda: self.port == port and self.ports[-1] == port, f"{self.name} at {port}: {self.ports}")

    def _opened(self, socket: WebSocket) -> None:
        if "/room/json:notebook:" in socket.url:
            self._sockets.append(socket)

    def _asked(self, request: Request) -> None:
        if SESSION.search(request.url):
            self.sessions.append(request)

    def _answer(self, route: Route) -> None:
        assert self._lead
        response = route.fetch()
        session = response.json()
        session["relay"] |= self._lead(session["relay"])
        route.fulfill(response=response, body=json.dumps(session))


@pytest.fixture
def guests(chromium: Browser, cluster: Cluster) -> Iterator[tuple[Guest, Guest]]:
    """Ada at the first relay, Bob at the second, with the same notebook."""
    there = {"url": cluster.relays[1].url}  # as a balancer in front of the relays would lead to another one
    both = Guest(chromium, cluster, "ada"), Guest(chromium, cluster, "bob", lambda relay: there)
    for guest, relay in zip(both, cluster.relays, strict=True):
        guest.open(PATH)
        guest.is_at(relay.port)
        assert guest.ports == [relay.port]
    yield both
    for guest in both:
        guest.close()


def all_have(cluster: Cluster, guests: tuple[Guest, Guest], sources: list[str]) -> None:
    """Wait until both pages and the file have exactly these cells; nobody was interrupted."""
    for guest in guests:
        guest.comes_to(sources)
    for guest in guests:
        guest.saved()
    guests[0].until(lambda: sources_on_disk(cluster.server, PATH) == sources, f"the file: {sources}")
    for guest in guests:
        expect(guest.dialogs).to_have_count(0)
        expect(guest.toasts).to_have_count(0)


def type_meanwhile(guest: Guest, index: int, text: str, event: Callable[[], object]) -> None:
    """Type, and have something happen while that goes on."""

    def happen() -> None:
        time.sleep(0.5)
        event()

    guest.editor(index).click()
    guest.page.keyboard.press("Control+End")
    with ThreadPoolExecutor(1) as pool:
        happening = pool.submit(happen)
        guest.page.keyboard.type(text, delay=50)  # ms
        happening.result()


def test_pages_at_two_relays_edit_one_notebook(cluster: Cluster, guests: tuple[Guest, Guest]) -> None:
    ada, bob = guests
    ada.type_in(0, " ada")
    expect(bob.editor(0)).to_have_text("one ada")
    bob.type_in(1, " bob")
    expect(ada.editor(1)).to_have_text("two bob")
    for guest in guests:
        expect(guest.cursors.first).to_be_attached()
        expect(guest.avatars).to_have_count(2)
    all_have(cluster, guests, ["one ada", "two bob"])
    assert [guest.ports for guest in guests] == [[relay.port] for relay in cluster.relays]
    assert not any("token" in socket.url or "ticket" in socket.url for guest in guests for socket in guest._sockets)
    ada.shot("relays")


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_relay_goes_while_somebody_types(cluster: Cluster, guests: tuple[Guest, Guest], how: str) -> None:
    ada, bob = guests
    text = " typed while the relay goes: nothing lost, nothing twice"
    type_meanwhile(ada, 0, text, getattr(cluster.relays[0], how))
    ada.is_at(cluster.server.port)
    bob.type_in(1, " bob")
    all_have(cluster, guests, [f"one{text}", "two bob"])
    relay, server = cluster.relays[0].port, cluster.server.port
    assert ada.ports == [relay, relay, relay, server], "two attempts at the relay that is gone"
    assert bob.ports == [cluster.relays[1].port]


def test_a_relay_that_is_back_is_used_at_the_next_reconnect(cluster: Cluster, guests: tuple[Guest, Guest]) -> None:
    ada, bob = guests
    asked = len(ada.sessions)
    cluster.relays[0].kill()
    ada.is_at(cluster.server.port)
    cluster.relays[0].start()
    ada.until(lambda: len(ada.sessions) > asked, "a new ticket")
    ada.type_in(0, " ada")
    all_have(cluster, guests, ["one ada", "two"])
    assert ada.port == cluster.server.port, "a connection that works is not moved"
    cluster.server.stop(signal.SIGKILL)
    ada.is_at(cluster.relays[0].port)
    ada.type_in(0, " again")
    expect(bob.editor(0)).to_have_text("one ada again")


def test_a_ticket_that_is_too_old_leads_to_the_server(chromium: Browser, cluster: Cluster) -> None:
    tickets = Tickets(KeyFile(cluster.keys))

    def aged(relay: dict[str, str]) -> dict[str, str]:
        with freeze_time(time.time() - LASTS - 1):
            return {"ticket": tickets.issue(tickets.read(relay["ticket"]))}

    leads_to_the_server(Guest(chromium, cluster, "ada", aged), cluster)


def test_a_relay_with_other_keys_leads_to_the_server(chromium: Browser, cluster: Cluster) -> None:
    """Signing in would not help: people are known to the Jupyter server, which they do not leave then."""
    known, others = Tickets(KeyFile(cluster.keys)), Tickets(lambda: ["another key" * 4])

    def forged(relay: dict[str, str]) -> dict[str, str]:
        return {"ticket": others.issue(known.read(relay["ticket"]))}

    leads_to_the_server(Guest(chromium, cluster, "ada", forged), cluster)


def leads_to_the_server(ada: Guest, cluster: Cluster) -> None:
    try:
        ada.open(PATH)
        ada.is_at(cluster.server.port)
        assert ada.ports == [cluster.relays[0].port, cluster.server.port]
        ada.type_in(0, " ada")
        ada.saved()
        expect(ada.dialogs).to_have_count(0)
        expect(ada.toasts).to_have_count(0)
    finally:
        ada.close()


def test_the_server_that_has_the_file_goes(cluster: Cluster, guests: tuple[Guest, Guest]) -> None:
    ada, bob = guests
    type_meanwhile(ada, 0, " typed while the server goes", partial(cluster.server.stop, signal.SIGKILL))
    bob.type_in(1, " bob")
    for guest in guests:
        guest.comes_to(["one typed while the server goes", "two bob"])
        expect(guest.status).to_contain_text(BEHIND)
        expect(guest.page.locator(".jp-LiveStatus-aloud")).to_have_text(BEHIND_ALOUD)
        expect(guest.toasts).to_have_count(0)
    ada.shot("file-behind")
    ada.status.locator("button").click()
    expect(ada.dialogs).to_contain_text("You can go on working together")
    ada.shot("file-behind-explained")
    ada.dialogs.get_by_role("button", name="Close").click()
    cluster.server.start()
    all_have(cluster, guests, ["one typed while the server goes", "two bob"])
    assert [guest.ports for guest in guests] == [[relay.port] for relay in cluster.relays], "they stayed at the relays"
    bob.type_in(1, " after")
    all_have(cluster, guests, ["one typed while the server goes", "two bob after"])
