"""Cells that the server runs (`jupyter-server-nbmodel`), in JupyterLab: browsers may come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from clients.test_server_nbmodel import PACKAGE
from companions import companion
from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import as_lab, write_notebook
from .pages import Person

Come = Callable[..., Person]


@pytest.fixture(scope="module")
def executing_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    beside = companion("server-nbmodel", PACKAGE)
    server = LiveServer(
        tmp_path_factory.mktemp("executing"),
        "--LiveApp.idle_delay=1",
        python=beside.python,
        variables=beside.variables,
    )
    with as_lab(server):
        yield server


def test_every_output_is_there_though_nobody_was(executing_lab: LiveServer, come: Come) -> None:
    source = "import time\nprint('begun')\ntime.sleep(12)\nprint('ended 🎉')\n6 * 7"
    write_notebook(executing_lab.work / "long.ipynb", source)
    ada = come(executing_lab, "ada-long").open("long.ipynb")
    bob = come(executing_lab, "bob-long").open("long.ipynb")
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Enter")
    for person in (ada, bob):
        expect(person.output(0)).to_contain_text("begun")
        expect(person.prompt(0)).to_have_text("[*]:")
    bob.shot("running")
    ada.close()
    bob.close()
    eve = come(executing_lab, "eve-long")
    eve.until(lambda: "ended" in (executing_lab.work / "long.ipynb").read_text())
    eve.open("long.ipynb")
    expect(eve.output(0).first).to_contain_text("begun\nended 🎉")
    expect(eve.output(0).last).to_contain_text("42")
    expect(eve.prompt(0)).to_have_text("[1]:")
    eve.shot("came-back")


def test_an_input_is_answered_by_whoever_is_there(executing_lab: LiveServer, come: Come) -> None:
    write_notebook(executing_lab.work / "asks.ipynb", "print('hello', input('who? '), input('and? '))")
    ada = come(executing_lab, "ada-asks").open("asks.ipynb")
    bob = come(executing_lab, "bob-asks").open("asks.ipynb")
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Enter")
    question = ".jp-Stdin-input"
    expect(ada.page.locator(question)).to_be_visible()
    expect(bob.prompt(0)).to_have_text("[*]:")
    expect(bob.page.locator(question)).to_have_count(0)  # she may answer it herself
    ada.close()
    expect(bob.page.locator(question)).to_be_visible()
    bob.shot("asked")
    bob.page.locator(question).fill("Bob 🎉")
    bob.page.locator(question).press("Enter")
    expect(bob.page.locator(".jp-OutputArea-stdin-item", has_text="and?")).to_be_visible()
    bob.page.locator(question).fill("Eve")
    bob.page.locator(question).press("Enter")
    expect(bob.output(0).last).to_contain_text("hello Bob 🎉 Eve")
    expect(bob.prompt(0)).to_have_text("[1]:")
    expect(bob.page.locator(question)).to_have_count(0)
    bob.shot("answered")
