"""The browser's rows of the fault matrix: the server's end x its database x what becomes of the tab and of the file."""

from __future__ import annotations

import itertools
import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS, lab_server, sources_on_disk, write_notebook
from .pages import Person

ENDS = [signal.SIGTERM, signal.SIGKILL]
DATABASES = ["kept", "lost"]
TABS = ["stays", "closes"]
FILES = ["unchanged", "changed"]

OFFLINE = ": offline"
START = ["one\nto edit online", "two\nto edit offline", "three\nto edit outside"]
WANTED = ["one\nto edit online: online 😀", f"two\nto edit offline{OFFLINE}", START[2]]


HERE = re.compile("saved|In the log")  # the kernel's language is noted in the document, and nobody saves it


@dataclass(frozen=True)
class Case:
    """One document, in a tab that stays or is closed and opened again, its file changed outside or not."""

    tab: str
    file: str

    @property
    def path(self) -> str:
        return f"tab-{self.tab}-file-{self.file}.ipynb"

    @property
    def wanted(self) -> list[str]:
        return [*WANTED[:2], f"outside\n{START[2]}"] if self.file == "changed" else WANTED


CASES = [Case(*rest) for rest in itertools.product(TABS, FILES)]


@dataclass
class Outcome:
    """What there is at the end."""

    page: list[str]
    file: list[str]
    dialogs: int


FIND = "[...window.jupyterapp.shell.widgets('main')].find(widget => widget.context?.path === path)"
SOURCES = f"path => {FIND}.model.sharedModel.cells.map(cell => cell.getSource())"
SHOW = f"""path => {{
  const {{ shell, commands }} = window.jupyterapp;
  const widget = {FIND};
  // Opening asks the server, which may be down.
  widget ? shell.activateById(widget.id) : void commands.execute('docmanager:open', {{ path }});
}}"""
UNCONFIRMED = f"""async path => {{
  const app = window.jupyterapp;
  const token = [...app.pluginRegistry._services.keys()].find(token => token.name === 'jupyter-live:ILiveDocuments');
  return (await app.resolveOptionalService(token)).of({FIND}).progress.unconfirmed;
}}"""
"""How many changes the server has not confirmed. What the status bar says is drawn a moment later."""


class Tab:
    """A browser tab in which several notebooks are open."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page: Page = person.page

    def show(self, path: str) -> None:
        """Open a notebook, or bring it to the front."""
        current = self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")

        def is_shown() -> bool:
            # Once more, should the notebook that was in front have taken the focus back.
            self.page.evaluate(SHOW, path)
            return current.count() == 1 and path in current.inner_text()

        self.person.until(is_shown, path)
        expect(self.cell(0)).to_be_visible()

    def cell(self, index: int) -> Locator:
        shown = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        return shown.locator(f'.jp-Cell[data-windowed-list-index="{index}"] .cm-content')

    def type_in(self, index: int, text: str) -> None:
        self.cell(index).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def logged(self, path: str) -> None:
        """Wait until all that was done here is in the server's log."""
        self.person.until(lambda: self.page.evaluate(UNCONFIRMED, path) == 0, f"{path} in the log")

    def sources(self, path: str) -> list[str]:
        found: list[str] = self.page.evaluate(SOURCES, path)
        return found


Group = tuple[signal.Signals, str]


def play(server: LiveServer, come: Callable[[], Person], how: signal.Signals, database: str) -> dict[Case, Outcome]:
    """All cases of one way to end and one fate of the database, on one server."""
    for case in CASES:
        write_notebook(server.work / case.path, *START)
    soon, server.options = server.options, (*server.options, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600")
    server.start()
    tabs: dict[str, Tab] = {}
    for name in TABS:
        person = come()
        person.goto()
        tabs[name] = Tab(person)
    for case in CASES:
        tab = tabs[case.tab]
        tab.show(case.path)
        expect(tab.person.status).to_contain_text(HERE)
        # A kernel that is starting when the server ends has JupyterLab show a dialog, which keeps the focus.
        expect(tab.page.locator("#jp-bottom-panel")).to_contain_text("| Idle")
        tab.type_in(0, ": online 😀")
        tab.logged(case.path)
        expect(tab.person.status).to_contain_text("In the log")
    server.stop(how)
    for case in CASES:
        tab = tabs[case.tab]
        tab.show(case.path)
        expect(tab.person.status).to_have_text(re.compile("^(Offline)+$"))  # no longer that of another notebook
        tab.type_in(1, OFFLINE)
        expect(tab.person.status).to_contain_text(f"{len(OFFLINE)} changes kept in this browser")
    tabs["closes"].person.new_tab()
    if database == "lost":
        server.lose_database()
    for case in CASES:
        if case.file == "changed":
            change(server.work / case.path)
    server.options = soon
    server.start()
    tabs["closes"].person.goto()
    tabs["closes"] = Tab(tabs["closes"].person)
    return {case: settle(server, tabs[case.tab], case) for case in CASES}


def settle(server: LiveServer, tab: Tab, case: Case) -> Outcome:
    """Wait for what is wanted; what there is instead in the end is told by the case's own test."""
    tab.show(case.path)

    def seen() -> tuple[list[str], list[str]]:
        return tab.sources(case.path), sources_on_disk(server, case.path)

    with suppress(AssertionError):
        tab.person.until(lambda: seen() == (case.wanted, case.wanted))
    return Outcome(*seen(), tab.person.dialogs.count())


def change(path: Path) -> None:
    """Another program adds a line to a cell in which nobody types."""
    content = json.loads(path.read_text())
    assert "".join(content["cells"][2]["source"]) == START[2]
    content["cells"][2]["source"] = f"outside\n{START[2]}"
    path.write_text(json.dumps(content))


Outcomes = Callable[[signal.Signals, str], dict[Case, Outcome]]


@pytest.fixture(scope="module")
def outcomes(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    known: dict[Group, dict[Case, Outcome]] = {}

    def of(how: signal.Signals, database: str) -> dict[Case, Outcome]:
        if (how, database) not in known:
            known[how, database] = {}  # should it fail, then once
            server = lab_server(tmp_path_factory.mktemp("faults"))
            here: list[Person] = []

            def come() -> Person:
                here.append(Person(chromium, server, f"{how.name}-{database}-{len(here)}", SHOTS))
                return here[-1]

            try:
                known[how, database] = play(server, come, how, database)
            finally:
                for person in here:
                    person.close()
                server.stop()
        return known[how, database]

    yield of


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"tab_{case.tab}-file_{case.file}")
@pytest.mark.parametrize("database", DATABASES, ids=lambda fate: f"database_{fate}")
@pytest.mark.parametrize("how", ENDS, ids=lambda how: how.name)
def test_every_edit_is_there_once(outcomes: Outcomes, how: signal.Signals, database: str, case: Case) -> None:
    assert outcomes(how, database)[case] == Outcome(case.wanted, case.wanted, 0)
