"""`jupyter-ai-tools` 0.7: agents in the server edit a notebook that people have open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from companions import companion
from program_server import ProgramServer

from jupyter_live.testing import LiveClient

from .conftest import CELLS, notebook, sources_on_disk

PACKAGE = "jupyter-ai-tools>=0.7,<0.8"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProgramServer]:
    server = ProgramServer(tmp_path_factory.mktemp("ai-tools"), beside=companion("ai-tools", PACKAGE))
    with server:
        yield server
        assert "Traceback" not in server.log(), server.log()


async def edit(collaboration: Any, kept: dict[str, Any]) -> Any:
    from jupyter_ai_tools.toolkits import notebook  # type: ignore[import-not-found]

    path = kept["path"]
    seen = await notebook.read_notebook(path)
    await notebook.edit_cell(path, "cell-0", "x = 21", animate=True)
    await notebook.add_cell(path, "x * 2 🎉", "cell-1")
    await notebook.delete_cell(path, "cell-1")
    return seen


async def test_an_agent_edits_what_people_have_open(runner: ProgramServer, request: pytest.FixtureRequest) -> None:
    path = notebook(runner, request.node.name)
    absolute = str(Path(runner.work) / path)
    async with LiveClient(runner, path) as ada, LiveClient(runner, path) as bob:
        await ada.show(here=True)
        ada.cells[1]["source"].insert(0, "# ada\n")
        await ada.until(lambda: ada.is_saved)
        seen = await runner.run(edit, path=absolute)
        assert f"# ada\n{CELLS[1]}" in seen
        for person in (ada, bob):
            await person.until(lambda person=person: person.sources == ["x = 21", "x * 2 🎉"])  # type: ignore[misc]
        await ada.until(lambda: sources_on_disk(runner, path) == ["x = 21", "x * 2 🎉"])
        # Its cursor, as it types: under a name, so that nobody's page stumbles over it.
        shown = [state for client, state in ada.awareness.items() if state and client != ada.doc.client_id]
        assert [state["user"]["display_name"] for state in shown] == ["Program"]
