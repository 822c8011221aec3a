"""Yjs cannot move: a moved cell is a new one. What was typed into the old one meanwhile is carried over."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Route, expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk
from .pages import Person
from .proxy import CutProxy

Come = Callable[..., Person]


def test_typing_offline_into_a_cell_that_somebody_moves(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("one", "two", "three")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-moved", proxy.url).open(path)
    bob = come(lab, "bob-moves").open(path)
    for person in (ada, bob):
        person.saved()
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(2, " typed by ada")
    bob.cell(2).click()
    bob.command("notebook:move-cell-up")
    bob.until(lambda: bob.sources == ["one", "three", "two"], "the move")
    proxy.heal()
    wanted = ["one", "three typed by ada", "two"]
    for person in (ada, bob):
        person.comes_to(wanted)
        expect(person.toasts).to_have_count(0)
        expect(person.dialogs).to_have_count(0)
    ada.until(lambda: sources_on_disk(lab, path) == wanted, "the file")


def test_a_page_that_is_closed_before_it_could_hand_that_in(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("one", "two", "three")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-moved-closed", proxy.url).open(path)
    bob = come(lab, "bob-moves-too").open(path)
    for person in (ada, bob):
        person.saved()
    asked: list[Route] = []
    ada.page.route("**/api/collaboration/history/**", lambda route: asked.append(route))  # no answer, ever
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(2, " typed by ada")
    bob.cell(2).click()
    bob.command("notebook:move-cell-up")
    bob.until(lambda: bob.sources == ["one", "three", "two"], "the move")
    proxy.heal()
    ada.until(lambda: bool(asked), "the hand-in")
    ada.saved()
    ada.new_tab().open(path)
    for person in (ada, bob):
        person.comes_to(["one", "three typed by ada", "two"])
