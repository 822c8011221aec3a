"""`jupyter-server-nbmodel` 0.2, which runs cells in the server: their outputs come also when nobody is there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from companions import companion
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer

PACKAGE = "jupyter-server-nbmodel>=0.2.9,<0.3"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    beside = companion("server-nbmodel", PACKAGE)
    options = ["--LiveApp.idle_delay=0.5", "--LiveApp.save_delay=0.2"]
    home = tmp_path_factory.mktemp("server-nbmodel")
    with LiveServer(home, *options, python=beside.python, variables=beside.variables) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


class Notebook:
    """A notebook of one code cell, with a kernel."""

    def __init__(self, server: LiveServer, name: str, source: str) -> None:
        self.server = server
        self.path = f"{name}.ipynb"
        cell: dict[str, Any] = {
            "cell_type": "code",
            "id": "c",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        (server.work / self.path).write_text(json.dumps(content))
        body = {"path": self.path, "type": "notebook", "name": name, "kernel": {"name": "python3"}}
        status, session = server.request("POST", "api/sessions", body)
        assert status == 201, session
        self.kernel = f"api/kernels/{session['kernel']['id']}"
        self.source = source

    async def execute(self, room: str) -> str:
        """Run the cell; returns where to ask how it fares."""
        metadata = {"cell_id": "c", "document_id": room, "document_path": self.path}
        body = {"code": self.source, "metadata": metadata}
        status, answer = await asyncio.to_thread(self.server.request, "POST", f"{self.kernel}/execute", body)
        assert status == 202, answer
        return f"{self.kernel}/requests/{answer['request_id']}"

    def texts(self) -> str:
        """What the cell printed, as the file has it; "" while the file is being written."""
        try:
            content = json.loads((self.server.work / self.path).read_text())
        except ValueError:
            return ""
        return "".join("".join(output.get("text", "")) for output in content["cells"][0]["outputs"])


async def test_outputs_come_while_everybody_is_away(runner: LiveServer) -> None:
    """Also when the document was closed meanwhile, and when the long cell says nothing for long."""
    source = "import time\nprint('begun', flush=True)\ntime.sleep(4)\nprint('ended 🎉', flush=True)\n6 * 7"
    notebook = Notebook(runner, "away", source)
    async with LiveClient(runner, notebook.path) as ada, LiveClient(runner, notebook.path) as bob:
        await notebook.execute(ada.room)
        await bob.until(lambda: bob.cells[0]["execution_state"] == "running" and printed(bob) == "begun\n")
    await until(lambda: "ended 🎉" in notebook.texts())  # in the file, and nobody has looked
    async with LiveClient(runner, notebook.path) as eve:
        await eve.until(lambda: eve.cells[0]["execution_state"] == "idle")
        assert printed(eve) == "begun\nended 🎉\n" and eve.cells[0]["execution_count"] == 1
        assert eve.cells[0]["outputs"].to_py()[-1]["data"] == {"text/plain": "42"}


async def test_a_cell_that_is_edited_while_it_runs_keeps_its_outputs(runner: LiveServer) -> None:
    notebook = Notebook(runner, "edited", "import time\nfor n in range(20):\n    print(n)\n    time.sleep(0.1)")
    async with LiveClient(runner, notebook.path) as ada:
        asking = await notebook.execute(ada.room)
        await ada.until(lambda: printed(ada).startswith("0\n1\n"))
        ada.cells[0]["source"].insert(0, "# while it runs\n")
        ada.add_cell(0, "first", "new")
        await until(lambda: runner.request("GET", asking)[0] == 200)
        await ada.until(lambda: printed(ada, 1) == "".join(f"{n}\n" for n in range(20)))
        await ada.until(lambda: ada.is_saved)
        assert ada.sources == ["first", f"# while it runs\n{notebook.source}"]


async def test_whoever_is_there_answers_an_input(runner: LiveServer) -> None:
    notebook = Notebook(runner, "input", "print('hello', input('who? '))")
    async with LiveClient(runner, notebook.path) as ada, LiveClient(runner, notebook.path) as bob:
        asking = await notebook.execute(ada.room)
        await until(lambda: runner.request("GET", asking)[0] == 300)
        status, _ = await asyncio.to_thread(runner.request, "POST", f"{notebook.kernel}/input", {"input": "Bob"})
        assert status == 201
        await bob.until(lambda: "hello Bob" in printed(bob))
        await ada.until(lambda: "hello Bob" in printed(ada))


async def test_ten_thousand_lines_are_the_same_for_all(runner: LiveServer) -> None:
    notebook = Notebook(runner, "lines", "for n in range(10000):\n    print(n)")
    wanted = "".join(f"{n}\n" for n in range(10000))
    async with LiveClient(runner, notebook.path) as ada, LiveClient(runner, notebook.path) as bob:
        asking = await notebook.execute(ada.room)
        await until(lambda: runner.request("GET", asking)[0] == 200)
        for person in (ada, bob):
            await person.until(lambda person=person: printed(person) == wanted)  # type: ignore[misc]
        await ada.until(lambda: notebook.texts() == wanted)


def printed(client: LiveClient, cell: int = 0) -> str:
    outputs = client.cells[cell]["outputs"].to_py()
    return "".join(str(output["text"]) for output in outputs if output["output_type"] == "stream")
