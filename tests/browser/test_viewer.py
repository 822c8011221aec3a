"""Someone who may only look."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, lab_server, sources_on_disk, write_notebook
from .pages import READY, Person


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    server = lab_server(tmp_path)
    server.options += ("--ServerApp.authorizer_class=authorizers.ByBrowser",)
    with server:
        yield server


def test_a_viewer_sees_everything_and_changes_nothing(chromium: Browser, server: LiveServer) -> None:
    write_notebook(server.work / "n.ipynb", "a = 1", "b = 2")
    ada = Person(chromium, server, "ada-writes", SHOTS).open("n.ipynb")
    bob = Person(chromium, server, "bob-looks", SHOTS, user_agent="Viewer")
    try:
        bob.open("n.ipynb")
        expect(bob.page.get_by_text("View only").first).to_be_visible()
        expect(ada.avatars).to_have_count(2)
        bob.editor(0).click()
        bob.page.keyboard.type("nothing of this")
        bob.page.keyboard.press("Escape")
        bob.page.keyboard.press("b")  # a new cell, for a writer
        ada.type_in(0, " + 1")
        expect(bob.editor(0)).to_have_text("a = 1 + 1")
        bob.shot("viewer")
        assert ada.sources == bob.sources == ["a = 1 + 1", "b = 2"]
        ada.until(lambda: sources_on_disk(server, "n.ipynb") == ["a = 1 + 1", "b = 2"], "the file")
    finally:
        ada.close()
        bob.close()


def test_a_viewer_goes_on_in_the_history_that_takes_the_place_of_a_lost_one(
    chromium: Browser, server: LiveServer, come: Callable[..., Person]
) -> None:
    write_notebook(server.work / "n.ipynb", "first", "second")
    ada = come(server, "ada-writes-on").open("n.ipynb")
    bob = Person(chromium, server, "bob-looks-on", SHOTS, user_agent="Viewer")
    try:
        bob.open("n.ipynb")
        server.stop(signal.SIGKILL)
        expect(bob.status).to_contain_text("Offline")
        server.lose_database()
        server.start()
        for person in (ada, bob):
            expect(person.status).to_contain_text(READY)
        ada.type_in(1, " after")
        for person in (ada, bob):
            person.comes_to(["first", "second after"])
            expect(person.dialogs).to_have_count(0)
            expect(person.toasts).to_have_count(0)
        bob.editor(0).click()
        bob.page.keyboard.type("nothing of this")
        assert bob.sources == ["first", "second after"]
        expect(bob.status).to_contain_text("View only")
    finally:
        bob.close()
