"""Someone who may only look."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from .conftest import SHOTS, lab_server, sources_on_disk, write_notebook
from .pages import Person


def test_a_viewer_sees_everything_and_changes_nothing(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    server = lab_server(tmp_path)
    server.options += ("--ServerApp.authorizer_class=authorizers.ByBrowser",)
    write_notebook(server.work / "n.ipynb", "a = 1", "b = 2")
    with server:
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
