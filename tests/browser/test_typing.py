"""What one person types, the other sees."""

from __future__ import annotations

import json
from collections.abc import Callable

import nbformat
from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk
from .pages import Person

OpenBoth = Callable[[str], tuple[Person, Person]]


def test_typing_both_ways_with_emoji(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("a = 1", "b = 2")
    ada, bob = people(path)
    ada.type_in(0, "  # from ada 😀é")
    expect(bob.editor(0)).to_have_text("a = 1  # from ada 😀é")
    bob.type_in(0, " 🎉bob")
    bob.type_in(1, "  # second")
    expect(ada.editor(0)).to_have_text("a = 1  # from ada 😀é 🎉bob")
    expect(ada.editor(1)).to_have_text("b = 2  # second")
    ada.until(lambda: sources_on_disk(lab, path)[:1] == ["a = 1  # from ada 😀é 🎉bob"], "the file")
    ada.saved()
    ada.shot("typing")
    bob.shot("typing")
    assert ada.sources == bob.sources
    assert not ada.errors and not bob.errors


def test_both_type_in_one_line_at_once(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("MIDDLE"))
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Home")
    bob.editor(0).click()
    bob.page.keyboard.press("Control+End")
    for ada_key, bob_key in zip("abcdefghij", "0123456789", strict=True):
        ada.page.keyboard.type(ada_key)
        bob.page.keyboard.type(bob_key)
    for person in (ada, bob):
        expect(person.editor(0)).to_have_text("abcdefghijMIDDLE0123456789")


def test_undo_takes_back_only_ones_own(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("x"))
    ada.type_in(0, " ada")
    expect(bob.editor(0)).to_have_text("x ada")
    bob.type_in(0, " bob")
    expect(ada.editor(0)).to_have_text("x ada bob")
    ada.page.keyboard.press("Control+z")
    expect(bob.editor(0)).to_have_text("x bob")
    expect(ada.editor(0)).to_have_text("x bob")


def test_typing_neither_moves_my_page_nor_opens_my_completer(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook(*(f"value_{n} = {n}\n" * 12 for n in range(12))))
    bob.editor(0).click()
    bob.page.keyboard.press("Control+Home")
    scroller = bob.page.locator(".jp-WindowedPanel-outer").first
    before = scroller.evaluate("node => node.scrollTop")
    ada.page.locator(".jp-WindowedPanel-outer").first.evaluate("node => node.scrollTo(0, 100000)")
    ada.type_in(11, "\nimport os\nos.")
    bob.until(lambda: bob.sources[11].endswith("os."), "ada's typing")
    ada.type_in(0, "\nprint(val")
    bob.until(lambda: bob.sources[0].endswith("print(val"), "ada's typing")
    bob.page.wait_for_timeout(1500)  # a completer would take its time to come
    assert scroller.evaluate("node => node.scrollTop") == before
    expect(bob.page.locator(".jp-Completer:not(.lm-mod-hidden)")).to_have_count(0)


def test_cells_are_inserted_moved_and_deleted(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("one", "two", "three")
    ada, bob = people(path)
    ada.cell(0).click()
    ada.command("notebook:insert-cell-below")
    ada.command("notebook:enter-edit-mode")
    ada.page.keyboard.type("new")
    bob.until(lambda: bob.sources == ["one", "new", "two", "three"], "the new cell")
    bob.cell(3).click()
    bob.command("notebook:move-cell-up")
    ada.until(lambda: ada.sources == ["one", "new", "three", "two"], "the move")
    ada.cell(0).click()
    ada.command("notebook:delete-cell")
    bob.until(lambda: bob.sources == ["new", "three", "two"], "the deletion")
    ada.until(lambda: sources_on_disk(lab, path) == ["new", "three", "two"], "the file")


def test_text_and_code_files(people: OpenBoth, lab: LiveServer) -> None:
    (lab.work / "shared.py").write_text("def f():\n    return 1\n")
    ada, bob = people("shared.py")
    ada.page.locator(".jp-FileEditor .cm-content").click()
    ada.page.keyboard.press("Control+End")
    ada.page.keyboard.type("x = f()  # 🐍")
    bob.until(lambda: bob.text.endswith("x = f()  # 🐍"), "ada's line")
    expect(bob.cursors.first).to_be_attached()
    ada.until(lambda: (lab.work / "shared.py").read_text().endswith("x = f()  # 🐍"), "the file")
    bob.shot("code-file")


def test_save_writes_what_both_see(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("a = 1")
    ada, bob = people(path)
    bob.type_in(0, " + 1")
    expect(ada.editor(0)).to_have_text("a = 1 + 1")
    ada.editor(0).click()
    ada.page.keyboard.press("Control+s")
    ada.until(lambda: sources_on_disk(lab, path) == ["a = 1 + 1"], "the file")
    nbformat.validate(json.loads((lab.work / path).read_text()))
    expect(ada.dialogs).to_have_count(0)
    expect(bob.dialogs).to_have_count(0)
