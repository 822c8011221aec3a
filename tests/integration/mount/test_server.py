"""The mount as the extension uses it: its traits, and the end of the server."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import websockets
from websockets.exceptions import ConnectionClosed

from jupyter_live.testing import LiveClient, LiveServer


async def test_sigterm_saves_what_was_typed_and_tells_clients_to_come_back(tmp_path: Path) -> None:
    server = LiveServer(tmp_path, "--LiveApp.save_delay=1000", "--LiveApp.save_delay_max=1000", base_url="/user/me/")
    file = server.work / "a.txt"
    file.write_text("before")
    await asyncio.to_thread(server.start)
    try:
        client = await LiveClient(server, "a.txt", "text", "file").open()
        lobby_url = server.url.replace("http", "ws") + "api/collaboration/room/JupyterLab:globalAwareness?token=secret"
        lobby = await websockets.connect(lobby_url)
        client.text.insert(6, " and after 🎈")
        await client.until(lambda: client.latest("ack").get("received") == client.sent)
        assert file.read_text() == "before"
    finally:
        status = await asyncio.to_thread(server.stop, signal.SIGTERM)
    await client.until(lambda: client.closed)
    assert client.closed is not None
    code, reason = client.closed
    assert code == 1012 and json.loads(reason)["code"] == "restarting"
    try:
        while True:
            await lobby.recv()
    except ConnectionClosed:
        assert lobby.close_code == 1012 and json.loads(lobby.close_reason or "")["code"] == "restarting"
    assert file.read_text() == "before and after 🎈"
    assert status == 0
    assert "Traceback" not in server.log()


async def test_the_trait_sets_the_limit_of_a_message(tmp_path: Path) -> None:
    server = LiveServer(tmp_path, "--LiveApp.max_message_size=10000")
    (server.work / "a.txt").write_text("text")
    await asyncio.to_thread(server.start)
    try:
        stays = await LiveClient(server, "a.txt", "text", "file").open()
        client = await LiveClient(server, "a.txt", "text", "file").open()
        client.text.insert(0, "x" * 9_000)
        await stays.until(lambda: len(str(stays.text)) == 9_004)
        client.text.insert(0, "y" * 10_000)
        await client.until(lambda: client.closed)
        assert client.closed is not None and client.closed[0] == 1009
        assert len(str(stays.text)) == 9_004 and stays.closed is None
        await stays.close()
    finally:
        await asyncio.to_thread(server.stop)
