"""`jupyter-nbmodel-client` 1.5, with which programs and agents edit notebooks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyter_nbmodel_client import NbModelClient, get_notebook_websocket_url
from requests import HTTPError
from websockets.exceptions import ConnectionClosedError

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import CELLS, missing_file, notebook, sources_on_disk


async def address(server: LiveServer, path: str) -> str:
    """The WebSocket URL of a notebook, from the package's own helper. It keeps the slashes of a path."""
    return await asyncio.to_thread(get_notebook_websocket_url, server.url.rstrip("/"), path, token=server.token)


def sources(client: NbModelClient) -> list[str]:
    return [cell["source"] for cell in client.as_dict()["cells"]]


async def test_a_notebook_is_edited_both_ways(server: LiveServer, request: pytest.FixtureRequest) -> None:
    path = notebook(server, request.node.name)
    async with LiveClient(server, path) as peer:
        async with NbModelClient(await address(server, path)) as client:
            assert client.synced and sources(client) == CELLS
            client.insert_markdown_cell(1, "# 🦉")
            client.set_cell_source(0, "x = '🚀'")
            await peer.until(lambda: peer.sources == ["x = '🚀'", "# 🦉", CELLS[1]])
            peer.cells[2]["source"].insert(7, " + 'y'")
            peer.add_cell(3, "x", "new")
            await peer.until(lambda: sources(client) == ["x = '🚀'", "# 🦉", "print(x + 'y')", "x"])
            client.delete_cell(3)
            client.set_notebook_metadata("by", "client")  # on its way while the client stops
        edited = ["x = '🚀'", "# 🦉", "print(x + 'y')"]
        await peer.until(lambda: peer.sources == edited)
        await peer.until(lambda: sources_on_disk(server, path) == edited)


async def test_two_of_them_edit_at_once(server: LiveServer, request: pytest.FixtureRequest) -> None:
    path = notebook(server, request.node.name)
    url = await address(server, path)
    async with NbModelClient(url) as one, NbModelClient(url) as two, LiveClient(server, path) as peer:
        for n in range(10):
            one.add_code_cell(f"one({n})")
            two.add_code_cell(f"two({n})")
        await peer.until(lambda: len(peer.cells) == len(CELLS) + 20 and sources(one) == sources(two) == peer.sources)
        assert set(peer.sources) == {*CELLS, *(f"{who}({n})" for who in ("one", "two") for n in range(10))}


async def test_its_presence_is_shown_under_the_authenticated_name(
    server: LiveServer, request: pytest.FixtureRequest
) -> None:
    path = notebook(server, request.node.name)
    async with LiveClient(server, path) as peer:
        async with NbModelClient(await address(server, path), username="root") as client:
            number = client.get_local_client_id()
            await peer.until(lambda: peer.awareness.get(number))
            user: dict[str, Any] = (peer.awareness[number] or {})["user"]
            assert user["owner"] == "root" and user["agent"].startswith("Datalayer-NbModelClient/")
            assert user["username"] not in ("", "root") and user["color"]
        await peer.until(lambda: peer.awareness[number] is None)


async def test_a_missing_notebook_is_an_http_error(server: LiveServer) -> None:
    with pytest.raises(HTTPError) as refused:
        await address(server, "missing.ipynb")
    answer = refused.value.response
    assert answer is not None and answer.status_code == 404
    assert answer.json()["code"] == "file_missing"


@pytest.mark.parametrize(("wrong", "code"), [("file", 4404), ("session", 1003)])
async def test_a_refusal_ends_it_before_the_sync(
    server: LiveServer, request: pytest.FixtureRequest, wrong: str, code: int
) -> None:
    url = await address(server, notebook(server, request.node.name))
    right = parse_qs(urlsplit(url).query)["sessionId"][0]
    if wrong == "session":
        url = url.replace(right, "another")
    else:
        url = url.replace(url.rsplit(":", 1)[1].split("?")[0], missing_file(server)["fileId"])
    client = NbModelClient(url)
    with pytest.raises(ConnectionClosedError) as refused:
        await client.run()
    assert refused.value.rcvd is not None and refused.value.rcvd.code == code
    assert not client.synced


async def test_it_ends_when_the_server_restarts_and_starts_again_with_the_same_address(tmp_path: Path) -> None:
    """It never comes back by itself. (Closed with 1000 or 1001, it would wait for ever, and busily.)"""
    server = LiveServer(tmp_path).start()
    try:
        path = notebook(server, "restart")
        client = NbModelClient(await address(server, path))
        running = asyncio.create_task(client.run())
        await client.wait_until_synced()
        async with LiveClient(server, path) as peer:
            client.set_cell_source(0, "x = 2")
            await peer.until(lambda: peer.sources[0] == "x = 2")
        await asyncio.to_thread(server.stop)
        with pytest.raises(ConnectionClosedError) as ended:
            await running
        assert ended.value.rcvd is not None and ended.value.rcvd.code == 1012
        assert sources_on_disk(server, path) == ["x = 2", CELLS[1]]
        await asyncio.to_thread(server.start)
        async with client:
            assert sources(client) == ["x = 2", CELLS[1]]
    finally:
        server.stop()
