"""What a document was before, as people see it and bring it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, Notebook, lab_server, sources_on_disk
from .pages import Person

OpenBoth = Callable[[str], tuple[Person, Person]]


def panel(person: Person) -> Locator:
    return person.page.locator(".jp-LiveTimeline")


def versions(person: Person) -> Locator:
    return panel(person).get_by_role("option")


def show(person: Person) -> None:
    person.command("live:show-history")
    expect(panel(person).get_by_role("listbox")).to_be_focused()


def keep(person: Person) -> None:
    """Save, as a person does who wants a version."""
    person.saved()
    person.command("docmanager:save")


def test_two_people_look_and_bring_back(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("import math\n\nr = 1\narea = math.pi * r**2", "print(area)", "# the end")
    ada, bob = people(path)
    bob_s_name = (bob.avatars.first.get_attribute("title") or "").removesuffix(" (you)")
    show(ada)
    bob.type_in(0, "\nprint(r)")
    keep(bob)
    expect(versions(ada).first).to_contain_text(bob_s_name)
    ada.cell(1).click()
    ada.command("notebook:delete-cell")
    ada.type_in(0, " # ada")
    keep(ada)
    expect(versions(ada).first).to_contain_text("1")
    show(ada)
    ada.shot("history")
    ada.page.keyboard.press("End")
    expect(versions(ada).last).to_have_attribute("aria-selected", "true")
    expect(versions(ada).last).to_contain_text("as it was found")
    ada.page.keyboard.press("Enter")
    compared = ada.page.locator(".jp-LivePreview")
    expect(compared.locator("h3")).to_have_text(["Cell 1", "Cell 2, added", "The notebook as a whole"])
    expect(compared.locator(".cm-deletedChunk").first).to_contain_text("# ada")
    ada.shot("history-compared")
    ada.page.keyboard.press("Escape")
    expect(ada.dialogs).to_have_count(0)
    panel(ada).get_by_role("button", name="Restore").click()
    ada.shot("history-confirm")
    ada.dialogs.get_by_role("button", name="Restore").click()
    expect(bob.toasts.last).to_contain_text("brought back")
    expect(ada.toasts.last).to_contain_text("is what it was")
    original = ["import math\n\nr = 1\narea = math.pi * r**2", "print(area)", "# the end"]
    for person in (ada, bob):
        person.comes_to(original)
    ada.until(lambda: sources_on_disk(lab, path) == original, "the file")
    expect(versions(ada).first).to_contain_text("brought back")
    ada.shot("history-restored")
    expect(ada.toasts).to_have_count(0)  # else it would not be told which of two is undone
    panel(ada).get_by_role("listbox").focus()
    ada.page.keyboard.press("Home")
    ada.page.keyboard.press("ArrowDown")
    panel(ada).get_by_role("button", name="Restore").click()
    ada.dialogs.get_by_role("button", name="Restore").click()
    bob.until(lambda: len(bob.sources) == 2 and "# ada" in bob.sources[0], "what was before it was brought back")
    ada.toasts.get_by_role("button", name="Undo").last.click()
    bob.comes_to(original)
    show(ada)
    ada.page.keyboard.press("Escape")
    expect(panel(ada)).not_to_be_visible()
    assert not ada.errors and not bob.errors


def test_a_viewer_may_look_and_not_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chromium: Browser, come: Callable[..., Person]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    server = lab_server(tmp_path)
    server.options += ("--ServerApp.authorizer_class=authorizers.ByBrowser",)
    (tmp_path / "work" / "a.txt").write_text("one\ntwo\n")
    with server:
        ada = come(server, "ada-keeps").open("a.txt")
        ada.page.locator(".jp-FileEditor .cm-content").click()
        ada.page.keyboard.type("zero ")
        keep(ada)
        bob = Person(chromium, server, "bob-looks-back", SHOTS, user_agent="Viewer")
        try:
            bob.open("a.txt")
            bob.page.locator(".lm-TabBar-tab", has_text="a.txt").click(button="right")
            bob.page.get_by_role("menuitem", name="Live: Show History").click()
            expect(versions(bob)).to_have_count(2)
            versions(bob).last.click()
            expect(panel(bob).get_by_role("button", name="Restore")).to_be_disabled()
            expect(panel(bob)).to_contain_text("You may look but not restore.")
            panel(bob).get_by_role("button", name="Compare").click()
            compared = bob.page.locator(".jp-LivePreview")
            expect(compared.locator(".cm-deletedChunk")).to_have_text("zero ")
            bob.dialogs.get_by_label("Show").select_option("now")
            expect(bob.dialogs.get_by_role("button", name="Restore")).to_have_count(0)
            bob.shot("history-viewer")
            bob.page.keyboard.press("Escape")
            ada.page.keyboard.press("Enter")
            keep(ada)
            expect(versions(bob)).to_have_count(3)
        finally:
            bob.close()
