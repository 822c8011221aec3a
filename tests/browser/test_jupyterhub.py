"""People of a hub on the server that they share, each signed in at the hub's page; and what leads who is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from deployed import DeployedHub, Visitor, deployed
from playwright.sync_api import Browser, expect

from jupyter_live.testing.services import Postgres, Redis

from .conftest import SHOTS, write_notebook
from .pages import Person

PATH = "n.ipynb"
OPEN = """address => new Promise(done => {
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
        const text = new TextDecoder().decode(data);
        if (text.includes('hello')) {
            done(JSON.parse(text.slice(text.indexOf('{'))).user.display_name);
        }
    };
    socket.onclose = ({ code, reason }) => done(`${code} ${reason}`);
    setTimeout(() => done('nothing came'), 30000);
})"""


@pytest.fixture(scope="module")
def hub(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, postgres_server: Postgres
) -> Iterator[DeployedHub]:
    with deployed(tmp_path_factory.mktemp("hub"), redis_server, postgres_server) as hub:
        Visitor(hub).sign_in("ada")
        start(hub)
        write_notebook(hub.work / PATH, "one", "two")
        (hub.documents / "a.txt").write_text("begun\n")
        yield hub


def start(hub: DeployedHub) -> None:
    hub.ask("POST", "users/analysis/server", {}, hub.token("ada"))


class Member(Person):
    """Somebody of a hub: signs in at its page, and lets the shared server know who they are."""

    def __init__(self, browser: Browser, hub: DeployedHub, name: str) -> None:
        entrance = hub.entrance("ada")  # its token is not used: the browser has only what it gets by signing in
        super().__init__(browser, entrance, name, SHOTS)

    def enter(self, path: str = PATH) -> None:
        self.page.goto(f"{self.url}lab/tree/{path}")
        self.sign_in()
        self.ready()

    def sign_in(self, *, may_enter: bool = True) -> None:
        """At the hub's form, to which one has been led; and agree that the server may know who one is."""
        self.page.locator("#username_input").fill(self.name)
        self.page.locator("#password_input").fill("x")
        self.page.locator("#login_submit").click()
        if not may_enter:
            return
        self.page.wait_for_url(lambda url: not urlsplit(url).path.endswith("/hub/login"))
        if "oauth2/authorize" in self.page.url:
            self.shot("hub-authorize")
            self.page.get_by_role("button", name="Authorize").click()


@pytest.fixture
def members(chromium: Browser, hub: DeployedHub) -> Iterator[tuple[Member, Member]]:
    """Ada, who edits, and Bob, who looks."""
    both = Member(chromium, hub, "ada"), Member(chromium, hub, "bob")
    for member in both:
        member.enter()
    yield both
    for member in both:
        member.close()


def test_two_of_a_group_on_one_notebook(hub: DeployedHub, members: tuple[Member, Member]) -> None:
    ada, bob = members
    ada.type_in(0, " by ada")
    ada.saved()
    expect(bob.editor(0)).to_have_text("one by ada")
    expect(bob.status).to_contain_text("View only")
    for member in members:
        expect(member.avatars).to_have_count(2)
        expect(member.page.locator('.jp-LiveAvatars li[aria-label*="Ada Lovelace"]')).to_have_text("AL")
        expect(member.page.locator('.jp-LiveAvatars li[aria-label*="Bob Kahn"]')).to_have_text("BK")
    expect(bob.page.locator("body")).not_to_contain_text("Anonymous")
    bob.editor(1).click()
    bob.page.keyboard.type(" by bob")
    ada.type_in(1, " also ada")
    ada.saved()
    expect(bob.editor(1)).to_have_text("two also ada")
    assert "by bob" not in (hub.work / PATH).read_text()
    ada.shot("hub-editor")
    bob.shot("hub-viewer")


def test_a_stranger_sees_the_hub_s_refusal(chromium: Browser, hub: DeployedHub) -> None:
    eve = Member(chromium, hub, "eve")
    answers: list[int] = []
    eve.page.on("response", lambda response: answers.append(response.status))
    eve.page.goto(f"{eve.url}lab/tree/{PATH}")
    eve.sign_in(may_enter=False)
    expect(eve.page.locator("body")).to_contain_text("403")
    assert 403 in answers
    expect(eve.page.locator(".jp-Notebook")).to_have_count(0)
    eve.shot("hub-stranger")
    eve.close()


def leave_alone(member: Member) -> None:
    """Close a dialog without choosing anything."""
    member.shot("hub-dialog")
    member.page.keyboard.press("Escape")


def test_who_is_signed_out_is_led_to_the_hub_and_back(hub: DeployedHub, members: tuple[Member, Member]) -> None:
    """Nothing is lost that was typed meanwhile."""
    ada, _ = members
    ada.page.context.clear_cookies()
    # JupyterLab has dialogs of its own about a server that is gone, say whether to start it again: that is done below.
    ada.page.add_locator_handler(ada.dialogs, lambda: leave_alone(ada))
    hub.ask("DELETE", "users/analysis/server", token=hub.token("ada"))
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    start(hub)
    toast = ada.toasts.filter(has_text="You are signed out. Reload to sign in again.")
    expect(toast).to_be_visible(timeout=150_000)  # asked at every third failure, and pauses grow
    expect(toast).to_contain_text("kept in this browser")
    ada.shot("hub-signed-out")
    ada.page.on("dialog", lambda dialog: dialog.accept())
    toast.get_by_role("button", name="Reload").click()
    ada.page.wait_for_url(re.compile("/hub/login"))
    ada.sign_in()
    ada.ready()
    expect(ada.editor(0)).to_contain_text(" offline")
    ada.saved()
    assert " offline" in (hub.work / PATH).read_text()


def test_a_page_of_its_own_leads_to_sign_in_at_the_relay(chromium: Browser, hub: DeployedHub) -> None:
    """As docs/protocol.md tells pages that come with cookies: whoever is closed with 4401 goes to `login/?next=…`."""
    documents = hub.entrance("ada", "services/documents/")
    status, session = documents.session("a.txt", "text", "file")
    assert status in (200, 201)
    relay = f"{hub.url}/services/jupyter-live/"
    room = f"text:file:{session['fileId']}?sessionId={session['sessionId']}&live=1"
    address = f"{relay.replace('http', 'ws', 1)}api/collaboration/room/{room}"
    ada = Member(chromium, hub, "ada")
    here = f"{hub.url}/hub/static/favicon.ico"  # any page of this host whose policy lets it open sockets
    ada.page.goto(here)
    closed = ada.page.evaluate(OPEN, address)
    assert closed.startswith("4401") and "unauthenticated" in closed
    ada.page.goto(f"{relay}login/?next={quote(here, safe='')}")
    ada.sign_in()
    ada.page.wait_for_url(here)
    assert ada.page.evaluate(OPEN, address) == "Ada Lovelace"
    ada.shot("hub-back")
    ada.page.goto(relay)
    expect(ada.page.locator("main")).to_contain_text("You are signed in as Ada Lovelace")
    ada.shot("hub-relay")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.page.wait_for_url(re.compile("/hub/log"))
    ada.page.goto(here)
    assert ada.page.evaluate(OPEN, address).startswith("4401")
    ada.close()
