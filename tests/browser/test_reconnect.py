"""Cut connections, reloads and restarts: nothing lost, nothing twice, no dialog."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Browser, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, Notebook, sources_on_disk, write_notebook
from .pages import Person
from .proxy import CutProxy

OpenBoth = Callable[[str], tuple[Person, Person]]


def test_reload_shows_everything(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("a"))
    ada.type_in(0, "bc")
    expect(bob.editor(0)).to_have_text("abc")
    ada.page.reload()
    ada.ready()
    expect(ada.editor(0)).to_have_text("abc")
    bob.type_in(0, "d")
    expect(ada.editor(0)).to_have_text("abcd")
    assert ada.sources == bob.sources == ["abcd"]


def test_what_was_typed_while_cut_off_arrives(chromium: Browser, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("start")
    proxy = CutProxy(lab.port)
    bob = Person(chromium, lab, "bob-cut", SHOTS).open(path)
    ada = Person(chromium, lab, "ada-cut", SHOTS, url=proxy.url).open(path)
    try:
        ada.type_in(0, " online")
        expect(bob.editor(0)).to_have_text("start online")
        proxy.cut()
        expect(ada.status).to_contain_text("Offline")
        ada.type_in(0, " offline")
        ada.shot("offline")
        bob.type_in(0, "bob: ", at="Home")
        proxy.heal()
        for person in (ada, bob):
            expect(person.editor(0)).to_have_text("bob: start online offline")
        ada.saved()
        expect(bob.avatars).to_have_count(2)
    finally:
        ada.close()
        bob.close()
        proxy.close()


def has(person: Person, sources: list[str]) -> bool:
    return person.sources == sources


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_server_restart_with_both_pages_open(chromium: Browser, own_lab: LiveServer, how: signal.Signals) -> None:
    write_notebook(own_lab.work / "n.ipynb", *(f"cell {n}" for n in range(5)))
    ada = Person(chromium, own_lab, f"ada-{how.name}", SHOTS).open("n.ipynb")
    bob = Person(chromium, own_lab, f"bob-{how.name}", SHOTS).open("n.ipynb")
    try:
        ada.type_in(0, " before")
        expect(bob.editor(0)).to_have_text("cell 0 before")
        own_lab.stop(how)
        expect(ada.status).to_contain_text("Offline")
        ada.type_in(1, " ada offline")
        bob.type_in(2, " bob offline")
        own_lab.start()
        wanted = ["cell 0 before", "cell 1 ada offline", "cell 2 bob offline", "cell 3", "cell 4"]
        for person in (ada, bob):
            person.until(partial(has, person, wanted), f"{person.name} has {wanted}")
            person.saved()
        ada.shot(f"restarted-{how.name}")
        ada.until(lambda: sources_on_disk(own_lab, "n.ipynb") == wanted, "the file")
        for person in (ada, bob):
            expect(person.dialogs).to_have_count(0)
    finally:
        ada.close()
        bob.close()
