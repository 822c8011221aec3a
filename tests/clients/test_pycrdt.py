"""`pycrdt` 0.14, its own provider on the channel that pycrdt-websocket brings for httpx-ws."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from jupyter_ydoc import YNotebook
from pycrdt import Doc, Provider, Text
from pycrdt.websocket.websocket import HttpxWebsocket

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import CELLS, missing_file, notebook, on_disk, open_session, sources_on_disk, text_file


@asynccontextmanager
async def connected(server: LiveServer, session: dict[str, str]) -> AsyncIterator[AsyncWebSocketSession]:
    """A WebSocket that signs in by a header, as programs do."""
    room = f"{session['format']}:{session['type']}:{session['fileId']}"
    url = f"{server.url}api/collaboration/room/{room}?sessionId={session['sessionId']}"
    async with httpx.AsyncClient(headers={"Authorization": f"token {server.token}"}) as client:
        socket: AsyncWebSocketSession
        async with aconnect_ws(url, client) as socket:
            yield socket


@asynccontextmanager
async def provided(server: LiveServer, session: dict[str, str], doc: Doc[Any]) -> AsyncIterator[Provider]:
    """A synced provider of `doc`."""
    async with connected(server, session) as socket, Provider(doc, HttpxWebsocket(socket, "room")) as provider:
        await provider.synced.wait()
        yield provider


async def test_a_file_is_edited_both_ways(server: LiveServer, encode: Any, request: pytest.FixtureRequest) -> None:
    path = text_file(server, request.node.name, "one 🦉 two")
    text = (doc := Doc[Any]()).get("source", type=Text)
    async with LiveClient(server, path, "text", "file") as peer:
        async with provided(server, open_session(server, path, encode), doc):
            assert str(text) == "one 🦉 two"
            text.insert(len("one 🦉".encode()), "🦉")
            await peer.until(lambda: str(peer.text) == "one 🦉🦉 two")
            peer.text.insert(0, "zero ")
            await peer.until(lambda: str(text) == "zero one 🦉🦉 two")
            text += " three"  # on its way while the provider stops
        await peer.until(lambda: str(peer.text) == "zero one 🦉🦉 two three")
        await peer.until(lambda: on_disk(server, path) == "zero one 🦉🦉 two three")


async def test_a_notebook_is_edited_both_ways(server: LiveServer, encode: Any, request: pytest.FixtureRequest) -> None:
    path = notebook(server, request.node.name)
    mine = YNotebook()
    async with LiveClient(server, path) as peer:
        async with provided(server, open_session(server, path, encode), mine.ydoc):
            assert [cell["source"] for cell in mine.source["cells"]] == CELLS
            mine.append_cell({"id": "mine", "cell_type": "markdown", "metadata": {}, "source": "# 🦉"})
            await peer.until(lambda: peer.sources == [*CELLS, "# 🦉"])
            del peer.cells[0]
            await peer.until(lambda: mine.cell_number == 2)
        edited = [CELLS[1], "# 🦉"]
        await peer.until(lambda: sources_on_disk(server, path) == edited)


async def test_edits_made_offline_arrive_with_the_next_sync(server: LiveServer, request: pytest.FixtureRequest) -> None:
    path = text_file(server, request.node.name, "base")
    session = open_session(server, path)
    text = (doc := Doc[Any]()).get("source", type=Text)
    async with provided(server, session, doc):
        assert str(text) == "base"
    text += " offline"
    async with LiveClient(server, path, "text", "file") as peer:
        peer.text.insert(0, "meanwhile ")
        async with provided(server, session, doc):
            await peer.until(lambda: str(peer.text) == str(text) == "meanwhile base offline")


@pytest.mark.parametrize(
    ("wrong", "code", "name"), [("file", 4404, "file_missing"), ("session", 1003, "unknown_session")]
)
async def test_a_refusal_comes_before_the_sync(
    server: LiveServer, request: pytest.FixtureRequest, wrong: str, code: int, name: str
) -> None:
    path = text_file(server, request.node.name, "the file")
    session = {**open_session(server, path), "sessionId": "another"} if wrong == "session" else missing_file(server)
    async with connected(server, session) as socket:
        with pytest.raises(WebSocketDisconnect) as refused:
            await HttpxWebsocket(socket, "room").recv()
    assert refused.value.code == code and json.loads(refused.value.reason or "")["code"] == name
