"""Two people with a browser context each, on one JupyterLab."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from jupyter_live.testing import LiveServer

from .pages import Person, browser

SHOTS = Path(__file__).parent / "shots"

Notebook = Callable[..., str]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """For this folder's tests and no longer: Playwright keeps an event loop running, which async tests do not bear."""
    with sync_playwright() as playwright, browser(playwright) as launched:
        yield launched


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with lab_server(tmp_path_factory.mktemp("lab")) as server:
        yield server


def lab_server(home: Path) -> LiveServer:
    return as_lab(LiveServer(home))


def as_lab(server: LiveServer) -> LiveServer:
    """Have it be a JupyterLab that asks nothing and shows its application object."""
    settings = server.home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    server.app = "lab"
    server.options += ("--LabApp.expose_app_in_browser=True",)
    return server


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[LiveServer]:
    """A JupyterLab that a test may stop, start, and do worse to."""
    with lab_server(tmp_path) as server:
        yield server


@pytest.fixture
def come(chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Somebody comes with a browser of their own."""
    here: list[Person] = []

    def come(server: LiveServer, name: str, url: str | None = None) -> Person:
        here.append(Person(chromium, server, name, SHOTS, url=url))
        return here[-1]

    yield come
    for person in here:
        person.close()


@pytest.fixture
def notebook(lab: LiveServer, request: pytest.FixtureRequest) -> Notebook:
    """Make a notebook of code cells with these sources, named after the test."""

    def make(*sources: str) -> str:
        name = f"{request.node.name}.ipynb"
        write_notebook(lab.work / name, *sources)
        return name

    return make


@pytest.fixture
def people(chromium: Browser, lab: LiveServer) -> Iterator[Callable[[str], tuple[Person, Person]]]:
    """Two people who open the same file."""
    opened: list[Person] = []

    def open_both(path: str) -> tuple[Person, Person]:
        for name in ("ada", "bob"):
            opened.append(Person(chromium, lab, f"{name}-{Path(path).stem}"[:60], SHOTS))
            opened[-1].open(path)
        return opened[0], opened[1]

    yield open_both
    for person in opened:
        person.close()


def write_notebook(path: Path, *sources: str) -> None:
    # With a kernel, or JupyterLab asks for one.
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for n, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))


def cells_on_disk(server: LiveServer, path: str) -> list[dict[str, Any]]:
    """The cells in the file; none if it is broken, also in half a second."""
    for _ in range(50):
        with suppress(json.JSONDecodeError):
            cells: list[dict[str, Any]] = json.loads((server.work / path).read_text())["cells"]
            return cells
        time.sleep(0.01)  # perhaps it is being written: Jupyter does that in place
    return []


def sources_on_disk(server: LiveServer, path: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells_on_disk(server, path)]
