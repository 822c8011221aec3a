"""`y-codemirror.next` 0.3, CodeMirror in a page of its own (examples/codemirror), together with JupyterLab."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, as_lab
from .pages import Person

Come = Callable[..., Person]

EXAMPLE = Path(__file__).parents[2] / "examples" / "codemirror"


def build() -> Path:
    """The built page, as the example's README says."""
    installed = EXAMPLE / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < (EXAMPLE / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=EXAMPLE, check=True)
        os.utime(installed)
    subprocess.run(["npm", "run", "build", "--silent"], cwd=EXAMPLE, check=True)
    return EXAMPLE / "dist"


@pytest.fixture(scope="module")
def serving_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A JupyterLab below a base URL that serves the page, too."""
    static = f"--ServerApp.extra_static_paths=['{build()}']"
    with as_lab(LiveServer(tmp_path_factory.mktemp("plain"), static, base_url="/user/me/")) as server:
        yield server


class PlainPage:
    """Somebody who has a file open in the plain page."""

    def __init__(self, browser: Browser, server: LiveServer, path: str, *, signed_in: bool = False) -> None:
        self.context = browser.new_context(viewport={"width": 900, "height": 500})
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        token = f"&token={server.token}"
        if signed_in:
            self.page.goto(f"{server.url}tree?{token}")
            token = ""
        self.page.goto(f"{server.url}static/editor.html?path={path}{token}")

    @property
    def editor(self) -> Locator:
        return self.page.locator(".cm-content")

    @property
    def lines(self) -> Locator:
        return self.page.locator(".cm-line")

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def cursors(self) -> Locator:
        return self.page.locator(".cm-ySelectionCaret")

    def type(self, text: str, *, at: str = "End") -> None:
        expect(self.editor).not_to_have_attribute("aria-readonly", "true")  # else its end is where it begins
        self.editor.click()
        self.page.keyboard.press(f"Control+{at}")
        self.page.keyboard.type(text)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-plain.png")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def open_page(chromium: Browser, serving_lab: LiveServer) -> Iterator[Callable[[str], PlainPage]]:
    pages: list[PlainPage] = []

    def open_page(path: str) -> PlainPage:
        pages.append(PlainPage(chromium, serving_lab, path))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


OpenPage = Callable[[str], PlainPage]


def type_in_lab(person: Person, text: str) -> None:
    person.page.locator(".jp-FileEditor .cm-content").click()
    person.page.keyboard.press("Control+Home")
    person.page.keyboard.type(text)


def test_a_file_is_edited_in_both_at_once(serving_lab: LiveServer, come: Come, open_page: OpenPage) -> None:
    file = serving_lab.work / "ünï shared.py"
    file.write_text("x = 1\n")
    ada = come(serving_lab, "ada-plain").open("ünï shared.py")
    bob = open_page("ünï shared.py")
    expect(bob.lines.first).to_have_text("x = 1")
    bob.type("y = 2  # 🐍 bob")
    ada.until(lambda: ada.text == "x = 1\ny = 2  # 🐍 bob", "bob's line")
    type_in_lab(ada, "# ada 😀\n")
    expect(bob.lines.first).to_have_text("# ada 😀")
    expect(bob.status).to_have_text("All changes saved")
    ada.saved()
    assert file.read_text() == "# ada 😀\nx = 1\ny = 2  # 🐍 bob"
    bob.page.keyboard.press("Control+z")  # one's own only
    ada.until(lambda: ada.text == "# ada 😀\nx = 1\n", "bob's undo")
    assert not bob.errors and not ada.errors


def test_names_colours_and_cursors_are_seen_both_ways(serving_lab: LiveServer, come: Come, open_page: OpenPage) -> None:
    (serving_lab.work / "cursors.py").write_text("first = 1\nsecond = 2\n")
    ada = come(serving_lab, "ada-cursors").open("cursors.py")
    bob = open_page("cursors.py")
    expect(bob.page.get_by_label("Here now").get_by_role("listitem")).to_have_count(2)
    expect(ada.avatars).to_have_count(2)
    bob.editor.click()
    bob.page.keyboard.press("Control+Home")
    bob.page.keyboard.press("Shift+End")
    expect(ada.cursors.first).to_be_attached()
    expect(ada.page.locator(".jp-remote-selection").first).to_be_attached()
    ada.page.locator(".jp-FileEditor .cm-content").click()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Shift+End")
    expect(bob.cursors).to_have_count(1)
    expect(bob.page.locator(".cm-ySelection")).to_have_text("second = 2")
    name = bob.page.locator(".cm-ySelectionInfo").text_content()
    assert name in bob.page.get_by_label("Here now").get_by_role("listitem").all_text_contents()
    ada.shot("plain-page")
    bob.shot("plain-page")
    ada.close()
    expect(bob.cursors).to_have_count(0)
    expect(bob.page.get_by_label("Here now").get_by_role("listitem")).to_have_count(1)


def test_a_browser_that_is_signed_in_needs_no_token(chromium: Browser, serving_lab: LiveServer) -> None:
    (serving_lab.work / "signed-in.py").write_text("x = 1\n")
    bob = PlainPage(chromium, serving_lab, "signed-in.py", signed_in=True)
    bob.type("y = 2")
    expect(bob.status).to_have_text("Saving…")
    expect(bob.status).to_have_text("All changes saved")
    assert (serving_lab.work / "signed-in.py").read_text() == "x = 1\ny = 2"
    bob.context.close()


def test_what_is_wrong_is_said(serving_lab: LiveServer, open_page: OpenPage) -> None:
    expect(open_page("no-such.py").status).to_have_text("The file does not exist (any more).")
    expect(open_page("").status).to_contain_text("?path=")


def test_it_comes_back_to_a_restarted_server(serving_lab: LiveServer, open_page: OpenPage) -> None:
    file = serving_lab.work / "restart.py"
    file.write_text("before\n")
    bob = open_page("restart.py")
    bob.type("during\n")
    expect(bob.status).to_have_text("All changes saved")
    serving_lab.stop()
    expect(bob.status).to_contain_text("Offline")
    bob.page.keyboard.type("offline\n")
    serving_lab.start()
    expect(bob.status).to_have_text("All changes saved")
    expect(bob.lines).to_have_text(["before", "during", "offline", ""])
    for _ in range(600):
        if file.read_text() == "before\nduring\noffline\n":
            break
        bob.page.wait_for_timeout(50)
    assert file.read_text() == "before\nduring\noffline\n"
