"""A damaged log costs nobody an edit: it is set aside, and documents go on from their files or from memory."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from failures.databases import database, remove, set_aside, spoil
from jupyter_live.testing import LiveClient, LiveServer

KILL, TERM = signal.SIGKILL, signal.SIGTERM


@pytest.fixture
def server(tmp_path: Path) -> LiveServer:
    return LiveServer(tmp_path, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600")


async def test_a_log_damaged_while_the_server_was_down_is_set_aside_and_files_open(server: LiveServer) -> None:
    file = server.work / "a.txt"
    file.write_text("one\n")
    await asyncio.to_thread(server.start)
    async with LiveClient(server, file.name, "text", "file") as ada:
        ada.text.insert(0, "saved ")
        assert (await ada.save())["status"] == "success"
    await asyncio.to_thread(server.stop)
    spoil(database(server))
    before = database(server).read_bytes()
    await asyncio.to_thread(server.start)
    try:
        async with LiveClient(server, file.name, "text", "file") as grace:
            assert [path.read_bytes() for path in set_aside(database(server))] == [before]
            assert "log_set_aside" in server.log()
            assert str(grace.text) == "saved one\n" and grace.latest("state")["log"] == "ok"
            grace.text.insert(0, "and logged ")
            await grace.until(lambda: grace.is_logged)
    finally:
        await asyncio.to_thread(server.stop)
    assert file.read_text() == "and logged saved one\n"


async def test_open_documents_outlive_the_loss_of_their_log(server: LiveServer) -> None:
    """They are logged anew under the same epoch, so that a server killed right after has all that it confirmed."""
    names = [f"{number}.txt" for number in range(3)]
    for name in names:
        (server.work / name).write_text("one\n")
    await asyncio.to_thread(server.start)
    clients = [await LiveClient(server, name, "text", "file").open() for name in names]
    for round_ in range(3):
        for client in clients:
            client.text.insert(0, f"{round_} ")
        if round_ == 1:
            remove(database(server))  # as somebody does who tidies up
    for client in clients:
        await client.until(lambda client=client: client.is_logged)  # type: ignore[misc]
        assert client.latest("state")["log"] == "ok"
    await asyncio.to_thread(server.stop, KILL)
    await asyncio.to_thread(server.start)
    try:
        for client, name in zip(clients, names, strict=True):
            async with LiveClient(server, name, "text", "file") as fresh:
                assert str(fresh.text) == "2 1 0 one\n" and fresh.session == client.session
            await client.connect()
            await client.until(lambda client=client: str(client.text) == "2 1 0 one\n")  # type: ignore[misc]
            await client.close()
    finally:
        await asyncio.to_thread(server.stop)
    assert "log_set_aside" in server.log() and "Traceback" not in server.log()
