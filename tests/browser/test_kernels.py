"""A notebook that people open at the same moment has one kernel."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook
from .pages import Person

Come = Callable[..., Person]

OPEN = "path => { window.jupyterapp.commands.execute('docmanager:open', {path}); }"


def test_people_who_open_a_notebook_at_one_moment_share_its_kernel(
    come: Come, lab: LiveServer, notebook: Notebook
) -> None:
    path = notebook("there = 41", "there + 1")
    ada, bob = [come(lab, f"{name}-same-kernel") for name in ("ada", "bob")]
    for person in (ada, bob):
        person.goto()
    for person in (ada, bob):
        person.page.evaluate(OPEN, path)
    for person in (ada, bob):
        person.ready()
        expect(person.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible()
    ours = [session for session in lab.request("GET", "api/sessions")[1] if session["name"] == path]
    assert [session["path"] for session in ours] == [path]
    for person, index in ((ada, 0), (bob, 1)):
        person.editor(index).click()
        person.page.keyboard.press("Control+Enter")
        expect(person.prompt(index)).to_have_text(f"[{index + 1}]:")
    for person in (ada, bob):
        expect(person.output(1)).to_have_text("42")
    ada.shot("one-kernel")
