"""Running a cell in one browser shows in the other."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .conftest import Notebook
from .pages import Person

OpenBoth = Callable[[str], tuple[Person, Person]]


def test_busy_state_count_and_output_reach_the_other(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("import time\nprint('first')\ntime.sleep(3)\nprint('done 🎉')"))
    expect(ada.page.locator(".jp-Notebook-ExecutionIndicator").first).to_have_attribute("data-status", "idle")
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Enter")
    expect(bob.output(0)).to_contain_text("first")
    expect(bob.prompt(0)).to_have_text("[*]:")
    bob.shot("busy")
    expect(bob.prompt(0)).to_have_text("[1]:")
    expect(bob.output(0)).to_contain_text("done 🎉")
    for person in (ada, bob):
        expect(person.output(0)).to_have_count(1)
    bob.shot("ran")
