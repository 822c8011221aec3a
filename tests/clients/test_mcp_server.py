"""`jupyter-mcp-server` 2.2, by which language models edit and run notebooks, in both of its modes."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from companions import Companion, companion
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import CELLS, notebook, sources_on_disk

PACKAGE = "jupyter-mcp-server>=2.2.4,<2.3"


@pytest.fixture(scope="module")
def beside() -> Companion:
    return companion("mcp-server", PACKAGE)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, beside: Companion) -> Iterator[LiveServer]:
    """A server that has the package as an extension, too. (It brings jupyter-collaboration, which stays off.)"""
    home = tmp_path_factory.mktemp("mcp-server")
    with LiveServer(home, python=beside.python, variables=beside.variables) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


class Agent:
    """What a language model would do, through a real MCP client."""

    def __init__(self, beside: Companion, where: dict[str, Any]) -> None:
        client = Path(__file__).parent / "mcp_client.py"
        command = [str(beside.python), str(client), json.dumps(where)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"

    async def call(self, tool: str, **arguments: Any) -> str:
        return await asyncio.to_thread(self._call, tool, arguments)

    def _call(self, tool: str, arguments: dict[str, Any]) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([tool, arguments]) + "\n")
        self._process.stdin.flush()
        told: str = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(30)


@pytest.fixture(params=["beside the server", "in the server"])
def agent(request: pytest.FixtureRequest, runner: LiveServer, beside: Companion, tmp_path: Path) -> Iterator[Agent]:
    url = runner.url.rstrip("/")
    where: dict[str, Any] = {"url": f"{url}/mcp", "headers": {"Authorization": f"token {runner.token}"}}
    if request.param == "beside the server":
        options = {"document-url": url, "document-token": runner.token, "code-sandbox-url": url}
        options |= {"code-sandbox-token": runner.token, "transport": "stdio", "jupyterlab": "false"}
        arguments = ["start", *(f"--{name}={value}" for name, value in options.items())]
        command = str(beside.python.parent / "jupyter-mcp-server")
        where = {"command": command, "args": arguments, "env": {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}}
    agent = Agent(beside, where)
    yield agent
    agent.close()


async def test_it_reads_edits_and_runs_what_two_people_have_open(
    agent: Agent, runner: LiveServer, request: pytest.FixtureRequest
) -> None:
    path = notebook(runner, f"mcp {request.node.callspec.id}")
    async with LiveClient(runner, path) as ada, LiveClient(runner, path) as bob:
        ada.cells[0]["source"].insert(5, "1")  # what nobody else has on disk yet
        await agent.call("use_notebook", notebook_name=path, notebook_path=path)
        assert "x = 11" in await agent.call("read_cell", cell_index=0)
        await agent.call("insert_cell", cell_index=2, cell_type="code", cell_source="x * 2")
        for person in (ada, bob):
            await person.until(lambda person=person: person.sources == ["x = 11", CELLS[1], "x * 2"])  # type: ignore[misc]
        bob.cells[1]["source"].insert(0, "# bob\n")
        await agent.call("overwrite_cell_source", cell_index=0, cell_source="x = 21")
        await ada.until(lambda: ada.sources == ["x = 21", f"# bob\n{CELLS[1]}", "x * 2"])
        await agent.call("execute_cell", cell_index=0)
        assert "42" in await agent.call("execute_cell", cell_index=2)
        await bob.until(
            lambda: [output["data"] for output in bob.cells[2]["outputs"].to_py()] == [{"text/plain": "42"}]
        )
        await agent.call("delete_cell", cell_indices=[1])
        await until(lambda: sources_on_disk(runner, path) == ["x = 21", "x * 2"])
        await until(lambda: ada.sources == bob.sources == ["x = 21", "x * 2"])
