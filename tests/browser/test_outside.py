"""The file changes outside while it is open."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk, write_notebook
from .pages import Person

OpenBoth = Callable[[str], tuple[Person, Person]]


def change(lab: LiveServer, path: str, old: str, new: str) -> None:
    """What an editor does with a file: read, and replace."""
    file = lab.work / path
    content = file.read_text()
    old, new = (json.dumps(text)[1:-1] if path.endswith(".ipynb") else text for text in (old, new))
    assert old in content
    draft = file.with_suffix(".draft")
    draft.write_text(content.replace(old, new))
    os.replace(draft, file)


def test_a_change_on_disk_arrives_while_one_types_on(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("one = 1\ntwo = 2\nthree = 3", "other")
    ada, bob = people(path)
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("End")
    change(lab, path, "three = 3", "three = 33\nfour = 4")
    change(lab, path, "one = 1", "zero = 0\none = 1")
    ada.page.keyboard.type("  # ada types on", delay=60)
    wanted = ["zero = 0\none = 1\ntwo = 2  # ada types on\nthree = 33\nfour = 4", "other"]
    for person in (ada, bob):
        person.comes_to(wanted)
    ada.until(lambda: sources_on_disk(lab, path) == wanted, "the file")
    ada.page.keyboard.type("!")
    bob.until(lambda: "ada types on!\n" in bob.sources[0], "the cursor is where it was")
    for person in (ada, bob):
        expect(person.dialogs).to_have_text([])
        expect(person.toasts).to_have_text([])


def test_both_versions_of_a_line_are_kept_and_reviewed(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("first", "above\nx = 1\nbelow")
    ada, bob = people(path)
    ada.editor(1).click()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("End")
    ada.page.keyboard.type("00")  # not in the file for a second
    change(lab, path, "x = 1", "x = 2")
    both = "above\nx = 100\nx = 2\nbelow"
    for person in (ada, bob):
        person.comes_to(["first", both])
        expect(person.toasts).to_contain_text("cell 2 line 2")
    ada.shot("conflict")
    ada.toasts.get_by_role("button", name="Review").click()
    review = ada.dialogs
    expect(review.locator("legend")).to_have_text("cell 2, line 2")
    expect(review.locator("pre")).to_have_text(["x = 100", "x = 2"])
    ada.shot("review")
    review.get_by_label("Only what was in the document").check()
    review.get_by_role("button", name="Apply").click()
    for person in (ada, bob):
        person.comes_to(["first", "above\nx = 100\nbelow"])
    # For bob it is settled already: his choice finds nothing to change, and says so.
    bob.toasts.get_by_role("button", name="Review").click()
    bob.dialogs.get_by_label("Only what was in the file").check()
    bob.dialogs.get_by_role("button", name="Apply").click()
    expect(bob.dialogs).to_contain_text("Somebody has edited these places since")
    bob.shot("review-late")
    assert bob.sources == ["first", "above\nx = 100\nbelow"]


def test_a_deleted_file_is_told_once_and_written_again_on_request(
    people: OpenBoth, notebook: Notebook, lab: LiveServer
) -> None:
    path = notebook("first")
    ada, bob = people(path)
    for person in (ada, bob):  # Jupyter fails to list a folder while a file goes from it
        expect(person.page.locator(f'.jp-DirListing-item [title="{path}"]')).to_be_attached()
    (lab.work / path).unlink()
    for person in (ada, bob):
        expect(person.toasts).to_contain_text("It was deleted")
        expect(person.status).to_contain_text("Cannot save")
    bob.type_in(0, " typed on")
    expect(ada.editor(0)).to_have_text("first typed on")
    ada.page.wait_for_timeout(2500)  # longer than a save takes
    assert not (lab.work / path).exists()
    ada.status.get_by_role("button").click()
    expect(ada.dialogs).to_contain_text("Save writes the file again")
    ada.shot("deleted")
    ada.page.keyboard.press("Escape")
    ada.toasts.get_by_role("button", name="Save").click()
    for person in (ada, bob):
        person.saved()
        expect(person.toasts).to_have_text([])
    assert sources_on_disk(lab, path) == ["first typed on"]


def test_tabs_follow_a_rename_on_disk(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("first")
    ada, bob = people(path)
    (lab.work / path).rename(lab.work / "renamed.ipynb")
    for person in (ada, bob):
        expect(person.page.locator(".lm-TabBar-tabLabel", has_text="renamed.ipynb").first).to_be_visible()
    ada.type_in(0, " typed on")
    ada.until(lambda: sources_on_disk(lab, "renamed.ipynb") == ["first typed on"], "the file")
    assert not (lab.work / path).exists()
    for person in (ada, bob):
        expect(person.dialogs).to_have_text([])
        expect(person.toasts).to_have_text([])


def test_tabs_follow_a_rename_by_a_peer(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("first")
    ada, bob = people(path)
    bob.page.evaluate(
        "([from, to]) => window.jupyterapp.serviceManager.contents.rename(from, to)", [path, "by-bob.ipynb"]
    )
    for person in (ada, bob):
        expect(person.page.locator(".lm-TabBar-tabLabel", has_text="by-bob.ipynb").first).to_be_visible()
    ada.type_in(0, " typed on")
    ada.until(lambda: sources_on_disk(lab, "by-bob.ipynb") == ["first typed on"], "the file")
    assert not (lab.work / path).exists()
    for person in (ada, bob):
        expect(person.dialogs).to_have_text([])


def test_a_file_that_a_peer_deletes_in_jupyter_is_told_and_written_again_on_request(
    people: OpenBoth, notebook: Notebook, lab: LiveServer
) -> None:
    path = notebook("first")
    ada, bob = people(path)
    assert lab.request("DELETE", f"api/contents/{path}")[0] == 204
    for person in (ada, bob):
        expect(person.toasts).to_contain_text("It was deleted")
    ada.type_in(0, " typed on")
    expect(bob.editor(0)).to_have_text("first typed on")
    bob.toasts.get_by_role("button", name="Save").click()
    for person in (ada, bob):
        person.saved()
        expect(person.toasts).to_have_text([])
        expect(person.dialogs).to_have_text([])
    assert sources_on_disk(lab, path) == ["first typed on"]


def test_a_broken_file_is_told_and_set_aside_on_request(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("first")
    file = lab.work / path
    ada, bob = people(path)
    broken = file.read_text().replace('"cells"', '<<<<<<< HEAD\n"cells"')
    file.write_text(broken)
    for person in (ada, bob):
        expect(person.toasts).to_contain_text("half-written or broken")
        expect(person.status).to_contain_text("Cannot save")
    ada.type_in(0, " typed on")
    expect(bob.editor(0)).to_have_text("first typed on")
    ada.status.get_by_role("button").click()
    expect(ada.dialogs).to_contain_text("sets the broken file aside")
    ada.shot("broken")
    assert file.read_text() == broken
    ada.dialogs.get_by_role("button", name="Save").click()
    for person in (ada, bob):
        person.saved()
        expect(person.toasts).to_have_text([])
    assert sources_on_disk(lab, path) == ["first typed on"]
    assert [copy.read_text() for copy in lab.work.glob(f"{file.stem} replaced *")] == [broken]


def test_a_notebook_that_was_broken_while_nobody_had_it_open_is_opened_from_the_log(
    own_lab: LiveServer, come: Callable[..., Person]
) -> None:
    file = own_lab.work / "n.ipynb"
    write_notebook(file, "first", "second")
    ada = come(own_lab, "ada-finds-it-broken").open("n.ipynb")
    ada.type_in(0, " typed on")
    ada.saved()
    own_lab.stop(signal.SIGKILL)
    broken = file.read_text().replace('"cells"', '<<<<<<< HEAD\n"cells"')
    file.write_text(broken)
    own_lab.start()
    ada.new_tab().open("n.ipynb", status="Cannot save")
    assert ada.sources == ["first typed on", "second"]
    expect(ada.toasts).to_contain_text("half-written or broken")
    ada.shot("opened-broken")
    assert file.read_text() == broken
    ada.status.get_by_role("button").click()
    ada.dialogs.get_by_role("button", name="Save").click()
    ada.saved()
    assert sources_on_disk(own_lab, "n.ipynb") == ["first typed on", "second"]
    expect(ada.dialogs).to_have_count(0)
