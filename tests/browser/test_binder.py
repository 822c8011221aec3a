"""Visitors of one Binder launch: behind its proxy, on a server that will be gone."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from jupyter_live.testing import LiveServer

from .binder import OPTIONS, VARIABLES, BinderProxy
from .conftest import SHOTS, as_lab
from .pages import Person

WELCOME = Path(__file__).parents[2] / "examples" / "welcome.ipynb"
PAGE = "lab/tree/welcome.ipynb"
GREETING = 2  # the cell to write and run together

GONE = "This temporary server does not answer"
TAKE_ALONG = "Download open documents"

COLORS = "nodes => nodes.map(node => getComputedStyle(node).backgroundColor)"

Come = Callable[..., Person]


@pytest.fixture
def binder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BinderProxy]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    server = as_lab(LiveServer(tmp_path, *OPTIONS, base_url="/user/example-demo-x1y2z3/", token="t0ken-of-the-launch"))
    shutil.copy(WELCOME, server.work)
    with server:
        proxy = BinderProxy(server, tmp_path)
        yield proxy
        proxy.close()


@pytest.fixture
def visit(chromium: Browser, binder: BinderProxy) -> Iterator[Callable[..., list[Person]]]:
    """Visitors with a browser each, who all open a link at the same moment."""
    here: list[Person] = []

    def visit(*names: str, link: str = f"{binder.url}{PAGE}?token={binder.server.token}") -> list[Person]:
        visitors = [Person(chromium, binder.server, name, SHOTS, url=binder.url) for name in names]
        here.extend(visitors)
        for visitor in visitors:
            visitor.page.goto(link, wait_until="commit")
        for visitor in visitors:
            # All at once: on a busy machine the last one takes long.
            visitor.page.wait_for_function(
                "window.jupyterapp && window.jupyterapp.restored.then(() => true)", timeout=120_000
            )
            visitor.ready()
        return visitors

    yield visit
    for visitor in here:
        visitor.close()


def me(person: Person) -> Locator:
    return person.page.locator(".jp-LiveAvatars button")


def notice(person: Person, text: str) -> Locator:
    return person.toasts.filter(has_text=text)


def names(person: Person) -> list[str]:
    labels = person.page.locator(".jp-LiveAvatars [aria-label]:not(ul)").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('aria-label'))"
    )
    return sorted(re.sub(r" \(you\).*", "", label) for label in labels)


def test_two_visitors_of_one_second_edit_together(visit: Callable[..., list[Person]]) -> None:
    ada, bob = visit("ada-binder", "bob-binder")
    for person in (ada, bob):
        expect(person.avatars).to_have_count(2)
        assert len(set(names(person))) == 2 and all(name.startswith("Anonymous ") for name in names(person))
        assert len(set(person.avatars.evaluate_all(COLORS))) == 2
    assert names(ada) == names(bob)
    ada.cell(GREETING).scroll_into_view_if_needed()
    ada.editor(GREETING).click()
    ada.page.keyboard.press("Control+End")
    ada.page.keyboard.type("\nprint('from ada')")
    bob.cell(GREETING).scroll_into_view_if_needed()
    expect(bob.editor(GREETING)).to_contain_text("from ada")
    bob.type_in(GREETING, "\nprint('from bob')")
    expect(ada.editor(GREETING)).to_contain_text("from bob")
    expect(ada.cursors.first).to_be_attached()
    ada.editor(GREETING).click()
    ada.page.keyboard.press("Control+Enter")
    expect(bob.output(GREETING)).to_contain_text("from bob")
    ada.saved()
    ada.shot("binder")
    bob.shot("binder")


def test_a_new_name_is_seen_by_others_at_once_and_stays(visit: Callable[..., list[Person]]) -> None:
    ada, bob = visit("ada-naming", "bob-naming")
    expect(bob.avatars).to_have_count(2)
    ada.editor(GREETING).click()
    me(ada).click()
    ada.dialogs.locator("input").fill("Ada Lovelace")
    ada.shot("naming")
    ada.dialogs.locator("input").press("Enter")
    seen = bob.page.locator('.jp-LiveAvatars li[aria-label="Ada Lovelace"]')
    expect(seen).to_have_text("AL")
    expect(me(ada)).to_have_attribute("title", re.compile("^Ada Lovelace"))
    expect(ada.page.locator("#jp-UserMenu")).to_contain_text("AL")
    ada.type_in(GREETING, "  ")
    expect(bob.page.locator(".jp-remote-userFlag").first).to_contain_text("Ada Lovelace")
    ada.page.reload()
    ada.ready()
    expect(me(ada)).to_have_attribute("title", re.compile("^Ada Lovelace"))
    expect(seen).to_have_text("AL")


def test_the_share_button_copies_a_link_that_lets_others_in(
    visit: Callable[..., list[Person]], binder: BinderProxy
) -> None:
    (ada,) = visit("ada-sharing")
    expect(ada.page.locator('[data-jp-item-name="@jupyter/collaboration:shared-link"]')).to_have_count(0)
    ada.page.locator('#jp-top-bar [data-jp-item-name="live-share"]').click()
    expect(ada.dialogs).to_contain_text("can open, change and run everything here")
    expect(ada.dialogs.locator("input[readonly]")).to_have_value(re.compile(r"/welcome\.ipynb\?token=…$"))
    ada.shot("share")
    ada.dialogs.get_by_role("button", name="Copy Link").click()
    expect(notice(ada, "The link is copied")).to_be_visible()
    link = ada.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{binder.url}{PAGE}?token={binder.server.token}"
    (cy,) = visit("cy-sharing", link=link)
    expect(ada.avatars).to_have_count(2)
    expect(cy.avatars).to_have_count(2)


def test_that_the_server_is_temporary_is_told_once_and_what_was_changed_can_be_taken_along(
    visit: Callable[..., list[Person]], binder: BinderProxy
) -> None:
    (ada,) = visit("ada-temporary")
    told = notice(ada, "Temporary server: everything here is deleted")
    expect(told).to_contain_text("after 10 minutes without visitors, and at about ")
    assert "…" not in told.inner_text(), "cut off"
    ada.type_in(GREETING, "\nprint('taken along')")
    ada.shot("temporary")
    with ada.page.expect_download() as download:
        told.get_by_role("button", name="Download what was changed").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert archive.namelist() == ["welcome.ipynb"]
    assert "taken along" in "".join(json.loads(archive.read("welcome.ipynb"))["cells"][GREETING]["source"])
    expect(told).to_have_count(0)
    ada.page.reload()
    ada.ready()
    expect(told).to_have_count(0)
    assert ada.page.evaluate("window.jupyterapp.commands.hasCommand('live:download-changed')")


@pytest.mark.parametrize("status", [424, 404])
def test_when_the_server_was_culled_that_is_told_and_the_document_can_be_taken_along(
    visit: Callable[..., list[Person]], binder: BinderProxy, status: int
) -> None:
    (ada,) = visit(f"ada-culled-{status}")
    ada.page.reload()  # a page that has shown no notice lacks what shows them
    ada.ready()
    ada.type_in(GREETING, "\nprint('before')")
    ada.saved()
    binder.cull(status)
    gone = ada.dialogs.filter(has_text=GONE)
    expect(gone).to_be_visible(timeout=90_000)
    ada.shot("culled")
    way = gone.get_by_role("button", name=TAKE_ALONG)
    expect(way).to_be_focused()
    with ada.page.expect_download() as download:
        ada.page.keyboard.press("Enter")
    assert download.value.suggested_filename == "welcome.ipynb"
    assert "before" in Path(download.value.path()).read_text()
    # It was said: no other dialog has anything to add, though requests go on to fail, and one may go on writing.
    with ada.page.expect_response(lambda response: "api/contents?" in response.url and response.status == status):
        pass
    ada.type_in(GREETING, "\nprint('after')")
    ada.page.wait_for_timeout(2000)
    expect(ada.dialogs).to_have_count(0)
    # The offer is kept behind the bell.
    ada.page.locator(".jp-Notification-Status").click()
    offer = ada.page.locator(".jp-Notification-List-Item").filter(has_text=GONE)
    ada.shot("culled-bell")
    for _ in range(2):
        with ada.page.expect_download() as download:
            offer.get_by_role("button", name=TAKE_ALONG).click()
        assert "after" in Path(download.value.path()).read_text()


def test_when_the_server_answers_after_all_everything_goes_on(
    visit: Callable[..., list[Person]], binder: BinderProxy
) -> None:
    (ada,) = visit("ada-revived")
    ada.type_in(GREETING, "\nprint('before')")
    ada.saved()
    binder.cull(404)
    expect(ada.dialogs.filter(has_text=GONE)).to_be_visible(timeout=90_000)
    binder.revive()
    expect(ada.dialogs).to_have_count(0, timeout=90_000)
    ada.type_in(GREETING, "\nprint('after')")
    ada.saved()
    assert "after" in (binder.server.work / "welcome.ipynb").read_text()
    ada.page.locator(".jp-Notification-Status").click()
    expect(ada.page.locator(".jp-Notification-Header")).to_be_visible()
    expect(ada.page.locator(".jp-Notification-List-Item").filter(has_text=GONE)).to_have_count(0)
    # What core has to say is heard again.
    ada.page.evaluate("() => { window.jupyterapp.commands.execute('filebrowser:open-path', {path: 'nowhere'}) }")
    expect(ada.dialogs).to_contain_text("nowhere")


def test_a_server_that_stays_says_nothing_of_an_end(lab: LiveServer, come: Come) -> None:
    (lab.work / "stays.txt").write_text("x")
    ada = come(lab, "ada-stays").open("stays.txt")
    expect(ada.toasts).to_have_count(0)
    assert not ada.page.evaluate("window.jupyterapp.commands.hasCommand('live:download-changed')")
    assert lab.request("GET", "api/collaboration/changed")[0] == 404
