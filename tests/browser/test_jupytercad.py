"""`jupytercad-lab` 3.4, JupyterCAD in the browser: two people model in 3D, and accept each other's suggestions.

What is looked at: its tree of objects, its shared model, and the file. Its 3D view must come up, and its worker make
the shapes, or it adds none; whether they are drawn right is not judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from companions import companion
from playwright.sync_api import Locator, expect

from jupyter_live.testing import LiveServer

from .conftest import as_lab
from .pages import Person

PACKAGE = "jupytercad-lab>=3.4,<3.5"

Come = Callable[..., Person]


@pytest.fixture
def cad_lab(tmp_path: Path) -> Iterator[LiveServer]:
    beside = companion("jupytercad-lab", PACKAGE, "jupytercad-core>=3.4,<3.5")
    server = LiveServer(tmp_path, python=beside.python, variables=beside.variables)
    with as_lab(server):
        yield server


@pytest.fixture
def design(cad_lab: LiveServer) -> Path:
    file = cad_lab.work / "part.jcad"
    file.write_text(json.dumps({"schemaVersion": "3.0.0", "objects": [], "options": {}, "metadata": {}, "outputs": {}}))
    return file


def open_design(person: Person, path: str) -> Person:
    person.goto(f"/tree/{path}")
    expect(person.page.locator(".jcad-Mainview canvas").first).to_be_visible()
    person.saved()
    return person


def tree(person: Person) -> Locator:
    """The objects that JupyterCAD's panel lists."""
    return person.page.locator(".jpcad-object-tree-item")


def add(person: Person, shape: str, **values: str) -> None:
    """By its button and dialog."""
    person.page.locator(f'.jpcad-toolbar-widget [title^="New {shape}"]').click()
    fill(person.page.locator(".jp-Dialog"), values)
    expect(person.dialogs).to_have_count(0)


def fill(form: Locator, values: dict[str, str]) -> None:
    for name, value in values.items():
        form.locator(f"#root_{name}").fill(value)  # its labels are not tied to the fields
    form.get_by_role("button", name="Submit").click()


def shown(person: Person) -> list[dict[str, Any]]:
    """The objects of this page's shared model, which is what the 3D view is drawn from."""
    found: list[dict[str, Any]] = person.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.context.model.sharedModel.objects"
    )
    return found


def on_disk(file: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(file.read_text())["objects"]
        return found
    except ValueError:
        return []  # it is being written


def names(objects: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in objects]


def heights(objects: list[dict[str, Any]]) -> list[float]:
    return [each["parameters"]["Height"] for each in objects]


def suggest(person: Person, label: str) -> None:
    press(person, "Create new fork")
    person.dialogs.locator("input").fill(label)
    person.dialogs.locator(".jp-mod-accept").click()
    expect(person.status).to_contain_text("Fork, kept in the log")


def press(person: Person, title: str) -> None:
    """A button in JupyterCAD's panel of suggestions."""
    person.page.evaluate("() => window.jupyterapp.shell.activateById('jupytercad::rightControlPanel')")
    person.page.locator(f'[title="{title}"]').click()


def test_two_people_design(cad_lab: LiveServer, design: Path, come: Come) -> None:
    ada, bob = (open_design(come(cad_lab, name), design.name) for name in ("ada-cad", "bob-cad"))
    add(ada, "Box", Height="2.5")
    expect(tree(bob)).to_have_text(["Box 1"])
    add(bob, "Cylinder")
    expect(tree(ada)).to_have_text(["Box 1", "Cylinder 1"])
    # What she added is selected, so its form is there.
    fill(ada.page.locator(".jpcad-property-panel"), {"Height": "4"})
    bob.until(lambda: heights(shown(bob)) == [4, 1], "the new height")
    ada.until(lambda: heights(on_disk(design)) == [4, 1], "the file")
    ada.saved()  # told by our connection
    expect(ada.page.locator(".jp-toolbar-users-item .lm-MenuBar-itemIcon")).to_have_count(1)  # JupyterCAD's, of Bob
    ada.shot("cad")
    ada.page.locator('.jpcad-toolbar-widget [title^="Undo"]').click()
    bob.until(lambda: heights(shown(bob)) == [2.5, 1], "her own change taken back")
    ada.until(lambda: heights(on_disk(design)) == [2.5, 1], "the file")
    cad_lab.stop()
    cad_lab.start()
    add(bob, "Sphere")
    expect(tree(ada)).to_have_text(["Box 1", "Cylinder 1", "Sphere 1"])
    bob.until(lambda: names(on_disk(design)) == ["Box 1", "Cylinder 1", "Sphere 1"], "the file")
    eve = open_design(come(cad_lab, "eve-cad"), design.name)
    expect(tree(eve)).to_have_text(["Box 1", "Cylinder 1", "Sphere 1"])
    eve.shot("cad")
    assert names(shown(eve)) == ["Box 1", "Cylinder 1", "Sphere 1"]


def test_what_one_suggests_another_accepts(cad_lab: LiveServer, design: Path, come: Come) -> None:
    """A suggestion is a fork; who leaves one gets another shared model from JupyterCAD, in the same tab."""
    ada, bob = (open_design(come(cad_lab, name), design.name) for name in ("ada-suggests", "bob-accepts"))
    add(ada, "Box")
    expect(tree(bob)).to_have_text(["Box 1"])
    ada.saved()
    suggest(ada, "with a cylinder")
    add(ada, "Cylinder")
    expect(ada.status).to_contain_text("Fork, kept in the log")
    press(ada, "Return to root document")
    expect(tree(ada)).to_have_text(["Box 1"])
    ada.saved()
    press(ada, "Preview suggestion")
    expect(tree(ada)).to_have_text(["Box 1", "Cylinder 1"])
    expect(ada.status).to_contain_text("Fork, kept in the log")
    assert names(shown(bob)) == names(on_disk(design)) == ["Box 1"]
    press(bob, "Preview suggestion")
    expect(tree(bob)).to_have_text(["Box 1", "Cylinder 1"])
    bob.shot("suggestion")
    press(bob, "Accept suggestion")
    bob.dialogs.locator(".jp-mod-accept").click()
    bob.until(lambda: names(on_disk(design)) == ["Box 1", "Cylinder 1"], "the file")
    for person in (ada, bob):
        expect(tree(person)).to_have_text(["Box 1", "Cylinder 1"])
        person.saved()
    add(ada, "Cone")
    expect(tree(bob)).to_have_text(["Box 1", "Cylinder 1", "Cone 1"])
    add(bob, "Sphere")
    everything = ["Box 1", "Cylinder 1", "Cone 1", "Sphere 1"]
    expect(tree(ada)).to_have_text(everything)
    ada.until(lambda: names(on_disk(design)) == everything, "the file")
    ada.saved()
    ada.shot("accepted")
    assert (ada.errors, bob.errors) == ([], [])
