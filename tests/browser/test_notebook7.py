"""`notebook` 7.6, one document a page, together with JupyterLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from companions import companion
from playwright.sync_api import Browser, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, as_lab, cells_on_disk, sources_on_disk, write_notebook
from .pages import Person

# Each minor version of Notebook goes with one of JupyterLab.
PACKAGE = "notebook>=7.6,<7.7"

NOT_OURS = (
    "Cannot read properties of undefined (reading 'schema')",  # in every page, also without any extension
    "Command 'filebrowser:open-path' not registered.",  # now and then: its file browser restores itself too early
)
"""What Notebook 7.6 itself writes to the console."""


class NotebookPerson(Person):
    """Someone who has one document open in a page of Notebook 7."""

    def goto(self, place: str = "") -> None:
        path = place.removeprefix("/tree/")
        view = "notebooks" if path.endswith(".ipynb") else "edit"
        self.page.goto(f"{self.url}{view}/{path}?token={self.server.token}")
        self.page.wait_for_function("window.jupyterapp && window.jupyterapp.restored.then(() => true)")

    @property
    def own_errors(self) -> list[str]:
        return [error for error in self.errors if not any(map(error.__contains__, NOT_OURS))]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with JupyterLab and Notebook 7."""
    beside = companion("notebook7", PACKAGE)
    server = LiveServer(
        tmp_path_factory.mktemp("notebook7"),
        "--JupyterNotebookApp.expose_app_in_browser=True",
        python=beside.python,
        variables=beside.variables,
    )
    with as_lab(server):
        yield server


Pair = tuple[NotebookPerson, Person]


@pytest.fixture
def people(chromium: Browser, both: LiveServer) -> Iterator[Callable[[str], Pair]]:
    """Ada has a file open in Notebook 7, Bob in JupyterLab."""
    opened: list[Person] = []

    def open_both(path: str) -> Pair:
        ada = NotebookPerson(chromium, both, f"ada-{Path(path).stem}", SHOTS)
        bob = Person(chromium, both, f"bob-{Path(path).stem}", SHOTS)
        opened.extend((ada, bob))
        ada.open(path)
        bob.open(path)
        return ada, bob

    yield open_both
    for person in opened:
        person.close()


def test_a_notebook_is_edited_and_run_in_both(both: LiveServer, people: Callable[[str], Pair]) -> None:
    write_notebook(both.work / "nb7.ipynb", "a = 40", "a + 2")
    ada, bob = people("nb7.ipynb")
    ada.type_in(0, "  # ada 😀")
    expect(bob.editor(0)).to_have_text("a = 40  # ada 😀")
    bob.type_in(1, "  # bob")
    expect(ada.editor(1)).to_have_text("a + 2  # bob")
    expect(ada.cursors.first).to_be_attached()
    expect(bob.cursors.first).to_be_attached()
    for person in (ada, bob):
        expect(person.avatars).to_have_count(2)
    ada.saved()
    ada.until(lambda: sources_on_disk(both, "nb7.ipynb") == ["a = 40  # ada 😀", "a + 2  # bob"], "the file")
    ada.editor(0).click()
    ada.page.keyboard.press("Shift+Enter")
    ada.page.keyboard.press("Shift+Enter")
    for person in (ada, bob):
        expect(person.output(1)).to_have_text("42")
    ada.until(lambda: bool(cells_on_disk(both, "nb7.ipynb")[1]["outputs"]), "the output in the file")
    ada.shot("notebook7")
    bob.shot("notebook7")
    bob.cell(0).click()
    bob.command("notebook:delete-cell")
    ada.comes_to(["a + 2  # bob", ""])  # Shift+Enter in the last cell has made one
    ada.page.keyboard.press("Control+s")
    ada.saved()
    expect(ada.dialogs).to_have_count(0)
    assert not ada.own_errors and not bob.errors


def test_a_text_file_is_edited_in_both(both: LiveServer, people: Callable[[str], Pair]) -> None:
    (both.work / "nb7.py").write_text("x = 1\n")
    ada, bob = people("nb7.py")
    for person, text in ((ada, "# ada 🐍\n"), (bob, "# bob\n")):
        person.page.locator(".jp-FileEditor .cm-content").click()
        person.page.keyboard.press("Control+Home")
        person.page.keyboard.type(text)
    for person in (ada, bob):
        person.until(lambda p=person: p.text == "# bob\n# ada 🐍\nx = 1\n", "both lines")  # type: ignore[misc]
        expect(person.avatars).to_have_count(2)
        person.saved()
    expect(ada.cursors.first).to_be_attached()
    ada.shot("notebook7-edit")
    ada.until(lambda: (both.work / "nb7.py").read_text() == "# bob\n# ada 🐍\nx = 1\n", "the file")
    assert not ada.own_errors and not bob.errors


def test_what_happens_to_the_server_is_said_in_the_page(both: LiveServer, people: Callable[[str], Pair]) -> None:
    write_notebook(both.work / "gone.ipynb", "one")
    ada, bob = people("gone.ipynb")
    both.stop()
    expect(ada.status).not_to_contain_text("saved")
    ada.type_in(0, " offline")
    ada.shot("notebook7-offline")
    both.start()
    ada.saved()
    expect(bob.editor(0)).to_have_text("one offline")
    ada.until(lambda: sources_on_disk(both, "gone.ipynb") == ["one offline"], "the file")
