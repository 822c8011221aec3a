"""One server for all clients, below a base URL as on a hub."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_live.testing import LiveServer

from .y_client import PACKAGES, YClient, install

CELLS = ["x = 1", "print(x)"]

ENCODINGS = {
    "slashes encoded, as JupyterLab": lambda path: quote(path, safe=""),
    "slashes kept, as jupyter-nbmodel-client": quote,
}


@pytest.fixture(params=ENCODINGS.values(), ids=list(ENCODINGS))
def encode(request: pytest.FixtureRequest) -> Any:
    """How a client writes a path into a URL."""
    return request.param


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("clients"), base_url="/user/me/") as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def lone(server: LiveServer) -> Iterator[tuple[list[YClient], float]]:
    """One client of each y-websocket alone in a document, and since when. They stay while the other tests run."""
    install()
    clients = [YClient(package, server, open_session(server, text_file(server, package))) for package in PACKAGES]
    yield clients, time.monotonic()
    for client in clients:
        client.close()


def text_file(server: LiveServer, name: str, content: str = "") -> str:
    """Make a text file in a folder whose name needs encoding; returns its path."""
    return _file(server, f"{name}.txt", content)


def notebook(server: LiveServer, name: str) -> str:
    """Make a notebook of `CELLS`; returns its path."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(CELLS)
    ]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return _file(server, f"{name}.ipynb", json.dumps(content))


def open_session(server: LiveServer, path: str, encode: Any = quote) -> dict[str, str]:
    """Ask for the session of a file as clients do, with the path encoded by `encode`."""
    kind = {"format": "json", "type": "notebook"} if path.endswith(".ipynb") else {"format": "text", "type": "file"}
    status, session = server.request("PUT", f"api/collaboration/session/{encode(path)}", kind)
    assert status in (200, 201), session
    assert session | kind == session
    return dict(session)


def on_disk(server: LiveServer, path: str) -> str:
    return (server.work / path).read_text()


def sources_on_disk(server: LiveServer, path: str) -> list[str] | None:
    """The sources of a notebook's cells; None while the file is being written, which Jupyter does in place."""
    try:
        return ["".join(cell["source"]) for cell in json.loads(on_disk(server, path))["cells"]]
    except ValueError:
        return None


def missing_file(server: LiveServer) -> dict[str, str]:
    """A session as if a file that does not exist had one: its id is known, the file is not."""
    server.session("missing.ipynb")
    status, model = server.request("GET", "api/fileid/id?path=missing.ipynb")
    assert status == 200, model
    return {"format": "json", "type": "notebook", "fileId": model["id"], "sessionId": "any"}


def _file(server: LiveServer, name: str, content: str) -> str:
    path = Path("ein Ordner") / f"ünï 😀 {name}"
    (server.work / path).parent.mkdir(exist_ok=True)
    (server.work / path).write_text(content)
    return str(path)
