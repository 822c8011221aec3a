"""A large notebook comes in parts: updates before the step 2. Every released client has all of it when it is synced."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_nbmodel_client import NbModelClient
from pycrdt import Array, Doc

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import notebook, open_session
from .test_nbmodel_client import address, sources
from .test_pycrdt import provided
from .y_client import PACKAGES, YClient

SOURCES = [f"value = {number}" for number in range(60)]
OUTPUT = 25_000  # characters of each cell's


@pytest.fixture
def path(server: LiveServer, request: pytest.FixtureRequest) -> str:
    """The path of a notebook of 1.5 MB."""
    path = notebook(server, request.node.name)
    file = server.work / path
    content = json.loads(file.read_text())
    content["cells"] = [_cell(number, source) for number, source in enumerate(SOURCES)]
    file.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("package", PACKAGES)
async def test_y_websocket_has_all_of_it(server: LiveServer, path: str, package: str) -> None:
    js = YClient(package, server, open_session(server, path))
    try:
        await js.synced()
        assert js.state["cells"] == SOURCES
        async with LiveClient(server, path) as peer:
            await js.do("insert", cell=59, index=0, content="js ")
            await peer.until(lambda: peer.sources == [*SOURCES[:-1], "js value = 59"])
            peer.cells[0]["source"].insert(0, "peer ")
            await js.until(lambda state: state["cells"] == ["peer value = 0", *SOURCES[1:-1], "js value = 59"])
    finally:
        js.close()


async def test_the_provider_of_pycrdt_has_all_of_it(server: LiveServer, path: str) -> None:
    cells = (doc := Doc[Any]()).get("cells", type=Array)
    async with provided(server, open_session(server, path), doc), LiveClient(server, path) as peer:
        assert [str(cell["source"]) for cell in cells] == SOURCES
        cells[30]["source"].insert(0, "provider ")
        await peer.until(lambda: peer.sources[30] == "provider value = 30")


async def test_jupyter_nbmodel_client_has_all_of_it(server: LiveServer, path: str) -> None:
    async with NbModelClient(await address(server, path)) as client, LiveClient(server, path) as peer:
        assert client.synced and sources(client) == SOURCES
        client.set_cell_source(30, "client")
        await peer.until(lambda: peer.sources[30] == "client")


async def test_the_first_frames_are_the_same_for_everyone_and_the_last_completes_them(
    server: LiveServer, path: str
) -> None:
    async with LiveClient(server, path) as ada:
        ada.cells[0]["source"].insert(0, "new ")
        del ada.cells[5]
        await ada.until(lambda: ada.is_logged)
        async with LiveClient(server, path) as grace:
            assert grace.sources == ada.sources == ["new value = 0", *SOURCES[1:5], *SOURCES[6:]]
            await ada.until(lambda: ada.is_saved)
            await grace.until(lambda: grace.is_saved)


def _cell(number: int, source: str) -> dict[str, Any]:
    output = {"output_type": "stream", "name": "stdout", "text": f"{number:4} é\n" * (OUTPUT // 7)}
    cell = {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source}
    return {**cell, "execution_count": number, "outputs": [output]}
