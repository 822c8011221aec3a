"""Undo takes back what one has done oneself: in a cell, or in the whole notebook where JupyterLab is set so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import lab_server, write_notebook
from .pages import Person

Come = Callable[..., Person]
OpenBoth = Callable[[str], tuple[Person, Person]]


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[LiveServer]:
    """A JupyterLab that undoes over the whole notebook."""
    server = lab_server(tmp_path)
    settings = server.home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"documentWideUndoRedo": True}))
    with server:
        yield server


def type_apart(person: Person, index: int, text: str) -> None:
    """Type something that is undone by itself: what follows within half a second is undone together."""
    person.type_in(index, text)
    person.page.wait_for_timeout(700)


def test_over_the_whole_notebook_each_undoes_their_own_edits_in_turn(wide: LiveServer, come: Come) -> None:
    write_notebook(wide.work / "n.ipynb", "one", "two", "three")
    ada, bob = (come(wide, name).open("n.ipynb") for name in ("ada-wide", "bob-wide"))
    type_apart(ada, 0, " ada")
    bob.comes_to(["one ada", "two", "three"])
    type_apart(bob, 0, " bob")
    ada.comes_to(["one ada bob", "two", "three"])
    type_apart(ada, 1, " ada")
    ada.cell(2).click()
    ada.command("notebook:delete-cell")
    ada.page.wait_for_timeout(700)
    type_apart(bob, 1, " bob")
    ada.comes_to(["one ada bob", "two ada bob"])
    ada.command("notebook:undo")
    bob.comes_to(["one ada bob", "two ada bob", "three"])
    ada.command("notebook:undo")
    bob.comes_to(["one ada bob", "two bob", "three"])
    ada.command("notebook:undo")
    bob.comes_to(["one bob", "two bob", "three"])
    ada.command("notebook:redo")
    bob.comes_to(["one ada bob", "two bob", "three"])
    bob.command("notebook:undo")
    ada.comes_to(["one ada bob", "two", "three"])
    assert ada.sources == bob.sources
    assert not ada.errors and not bob.errors


def test_in_a_cell_each_undoes_their_own_edits_of_that_cell(people: OpenBoth, notebook: Callable[..., str]) -> None:
    ada, bob = people(notebook("one", "two"))
    type_apart(ada, 0, " ada")
    bob.comes_to(["one ada", "two"])
    type_apart(bob, 0, " bob")
    type_apart(bob, 1, " bob")
    ada.comes_to(["one ada bob", "two bob"])
    type_apart(ada, 1, " ada")
    ada.editor(0).click()
    ada.page.keyboard.press("Control+z")
    bob.comes_to(["one bob", "two bob ada"])
    ada.page.keyboard.press("Control+z")  # nothing is left of hers here
    ada.page.keyboard.press("Control+Shift+z")
    bob.comes_to(["one ada bob", "two bob ada"])
    expect(ada.editor(0)).to_have_text("one ada bob")
