"""`y-websocket` 1.5 and 3.1, the JavaScript provider in the version of JupyterLab and in the newest."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import CELLS, missing_file, notebook, on_disk, open_session, sources_on_disk, text_file
from .y_client import PACKAGES, YClient

Connect = Callable[[LiveServer, dict[str, str]], YClient]

SILENCE = 46.0  # seconds; a y-websocket that hears nothing closes its socket after 30 to 33


@pytest.fixture(params=PACKAGES)
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Starts clients of one y-websocket, and ends them after the test."""
    clients: list[YClient] = []

    def start(server: LiveServer, session: dict[str, str]) -> YClient:
        clients.append(YClient(request.param, server, session))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


async def test_a_file_is_edited_both_ways(
    server: LiveServer, connect: Connect, encode: Any, request: pytest.FixtureRequest
) -> None:
    path = text_file(server, request.node.name, "Grüße 👋🏽 world\n")
    js = await connect(server, open_session(server, path, encode)).synced()
    async with LiveClient(server, path, "text", "file") as peer:
        # Each counts in its own units: JavaScript in UTF-16, pycrdt in bytes of UTF-8.
        state = await js.do("insert", index=len("Grüße 👋🏽".encode("utf-16-le")) // 2, content=" 🌍")
        assert state["text"] == "Grüße 👋🏽 🌍 world\n"
        await peer.until(lambda: str(peer.text) == "Grüße 👋🏽 🌍 world\n")
        peer.text.insert(len("Grüße 👋🏽 🌍".encode()), "🚀")
        await js.until(lambda state: state["text"] == "Grüße 👋🏽 🌍🚀 world\n")
        await js.do("delete", index=0, length=len("Grüße "))
        await peer.until(lambda: str(peer.text) == "👋🏽 🌍🚀 world\n")
        await peer.until(lambda: on_disk(server, path) == "👋🏽 🌍🚀 world\n")


async def test_a_notebook_is_edited_both_ways(
    server: LiveServer, connect: Connect, encode: Any, request: pytest.FixtureRequest
) -> None:
    path = notebook(server, request.node.name)
    js = await connect(server, open_session(server, path, encode)).synced()
    assert js.state["cells"] == CELLS
    async with LiveClient(server, path) as peer:
        await js.do("insert", cell=1, index=7, content="+41")
        await peer.until(lambda: peer.sources == ["x = 1", "print(x+41)"])
        peer.add_cell(2, "# 🦉", "new")
        peer.cells[0]["source"].insert(5, " + 1")
        edited = ["x = 1 + 1", "print(x+41)", "# 🦉"]
        await js.until(lambda state: state["cells"] == edited)
        await peer.until(lambda: sources_on_disk(server, path) == edited)


async def test_presence_is_seen_both_ways(server: LiveServer, connect: Connect, request: pytest.FixtureRequest) -> None:
    path = text_file(server, request.node.name)
    session = open_session(server, path)
    async with LiveClient(server, path, "text", "file") as peer:
        await peer.show(cursor=7)
        js = await connect(server, session).synced()
        state = await js.until(lambda state: str(peer.doc.client_id) in state["people"])
        assert state["people"][str(peer.doc.client_id)]["cursor"] == 7
        await js.do("show", state={"user": {"username": "root", "name": "Somebody else"}, "cursor": "🦉"})
        await peer.until(lambda: (peer.awareness.get(state["client"]) or {}).get("cursor") == "🦉")
        shown = peer.awareness[state["client"]]
        assert shown and shown["user"]["username"] != "root" and shown["user"]["color"]
        await js.do("show", state=None)
        await peer.until(lambda: peer.awareness[state["client"]] is None)
        await js.do("show", state={"cursor": "back"})
        await peer.until(lambda: (peer.awareness[state["client"]] or {}).get("cursor") == "back")
        await peer.cut()
        await js.until(lambda state: list(state["people"]) == [str(state["client"])])


async def test_clients_come_back_to_a_restarted_server(tmp_path: Path) -> None:
    """What was written meanwhile is there once, and what was there before too."""
    server = LiveServer(tmp_path).start()
    try:
        path = text_file(server, "restart", "before|")
        session = open_session(server, path)
        clients = [YClient(package, server, session) for package in PACKAGES]
        try:
            for client in clients:
                await client.synced()
                await client.do("insert", index=7, content="during|")
            await clients[0].until(lambda state: state["text"].count("during|") == 2)
            await asyncio.to_thread(server.stop)
            assert on_disk(server, path) == "before|during|during|"
            for client in clients:
                state = await client.until(lambda state: state["closes"])
                code, reason = state["closes"][0]
                assert code == 1012 and json.loads(reason)["code"] == "restarting"
                await client.do("insert", index=0, content="offline|")
            await asyncio.to_thread(server.start)
            everything = "offline|offline|before|during|during|"
            for client in clients:
                state = await client.until(lambda state: state["synced"] and state["text"] == everything)
                assert state["opened"] == 2 and state["ended"] is None
            await clients[0].until(lambda state: on_disk(server, path) == everything)
            assert open_session(server, path)["sessionId"] == session["sessionId"]
        finally:
            for client in clients:
                client.close()
    finally:
        server.stop()


async def test_a_missing_file_is_told_before_the_sync(server: LiveServer, connect: Connect) -> None:
    """4400 to 4499: the newest does not come back, JupyterLab's does, for ever, until the page disposes of it."""
    js = connect(server, missing_file(server))
    state = await js.until(lambda state: state["ended"] or len(state["closes"]) > 1)
    code, reason = state["closes"][0]
    assert code == 4404 and json.loads(reason)["code"] == "file_missing"
    assert not state["synced"] and state["text"] == "" and state["cells"] == []
    if js.package == "y-websocket-3":
        assert state["ended"] == 4404


async def test_another_history_is_told_before_the_sync(
    server: LiveServer, connect: Connect, request: pytest.FixtureRequest
) -> None:
    path = text_file(server, request.node.name, "the file")
    session = open_session(server, path)
    js = connect(server, {**session, "sessionId": "0" * 36})
    await js.do("insert", index=0, content="of another history")
    state = await js.until(lambda state: state["closes"])
    code, reason = state["closes"][0]
    told = json.loads(reason)
    assert code == 1003 and told["code"] == told["reason"] == "unknown_session" and told["reloadable"] is True
    assert not state["synced"] and state["text"] == "of another history"
    async with LiveClient(server, path, "text", "file") as peer:
        assert str(peer.text) == "the file"


async def test_a_lone_client_is_not_left_in_silence(server: LiveServer, lone: tuple[list[YClient], float]) -> None:
    """Last in the folder: it waits for what has been going on since the first test."""
    clients, since = lone
    await asyncio.sleep(max(0, since + SILENCE - time.monotonic()))
    for client in clients:
        state = await client.do("look")
        assert state["synced"] and state["opened"] == 1 and state["closes"] == [], client.package
        async with LiveClient(server, text_file(server, client.package), "text", "file") as peer:
            peer.text.insert(0, "hello")
            await client.until(lambda state: state["text"] == "hello")
