"""Forks are in the log: they outlive the server, and what becomes of their document."""

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rooms.notebooks import code, sources, write
from rooms.people import equip

from jupyter_live.testing import LiveClient, LiveServer

from .forking import ForkClient, end, listed, make


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_fork_outlives_the_server(server: LiveServer, path: str, how: signal.Signals) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada, title="kept")
        async with ForkClient(ada, made) as bob:
            bob.cells[0]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            await asyncio.to_thread(server.stop, how)
            await bob.until(lambda: bob.closed and ada.closed)
            bob.cells[1]["source"].insert(0, "offline\n")
            await asyncio.to_thread(server.start)
            await ada.connect()
            await bob.connect()
            assert bob.closed is None and bob.session["sessionId"] == made["sessionId"]
            await bob.until(lambda: bob.is_logged)
            assert bob.sources == ["bob\na = 1\na = 2", "offline\nb = 1", "c = 1"]
            assert ada.sources == ["a = 1\na = 2", "b = 1", "c = 1"]
            assert (await listed(server, ada.room))[made["fork_roomid"]]["title"] == "kept"
            assert (await end(server, made, merge=True))[0] == 200
        await ada.until(lambda: sources(server.work / path) == ["bob\na = 1\na = 2", "offline\nb = 1", "c = 1"])


async def test_a_deleted_fork_stays_deleted(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        assert (await end(server, made, merge=False))[0] == 200
        room = ada.room
        await asyncio.to_thread(server.stop, signal.SIGKILL)
    await asyncio.to_thread(server.start)
    assert await listed(server, room) == {}
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        for table, column in (("fork", "id"), ("document", "id"), ("update", "document_id")):
            found = database.execute(
                f"select count(*) from jupyter_live_{table} where {column} like ?", [f"%{made['fork_roomid']}"]
            )
            assert found.fetchone() == (0,), table


async def test_a_fork_is_merged_into_a_document_whose_file_was_changed_meanwhile(server: LiveServer, path: str) -> None:
    """The document has another epoch then: what the fork did is brought over by cell and line."""
    async with LiveClient(server, path) as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.cells[0]["source"].insert(0, "bob\n")
            bob.add_cell(3, "bob's", "bobs")
            await bob.until(lambda: bob.is_logged)
        ada.cells[1]["source"].insert(0, "ada\n")
        await ada.until(lambda: ada.is_saved)
        epoch = ada.session["sessionId"]
    await asyncio.to_thread(server.stop)
    cells = code("a = 1\na = 2", "first"), code("ada\nb = 1", "second"), code("c = 1\nelsewhere", "third")
    write(server.work / path, *cells)
    await asyncio.to_thread(server.start)
    async with LiveClient(server, path) as ada:
        assert ada.session["sessionId"] != epoch
        status, answer = await end(server, made, merge=True)
        assert (status, answer["outcome"], answer["changed"], answer["conflicts"]) == (200, "rebased", 2, [])
        whole = ["bob\na = 1\na = 2", "ada\nb = 1", "c = 1\nelsewhere", "bob's"]
        await ada.until(lambda: ada.sources == sources(server.work / path) == whole)
        assert await listed(server, ada.room) == {}


async def test_a_fork_is_merged_into_a_document_that_had_to_begin_anew(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.cells[1]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
        room = ada.room
    await asyncio.to_thread(server.stop)
    with closing(sqlite3.connect(server.database)) as database, database:
        database.execute("update jupyter_live_update set data = x'00' where document_id = ?", [room])
    await asyncio.to_thread(server.start)
    async with LiveClient(server, path) as ada:
        assert (await end(server, made, merge=True))[1]["outcome"] == "rebased"
        await ada.until(lambda: sources(server.work / path) == ["a = 1\na = 2", "bob\nb = 1", "c = 1"])


async def test_where_the_file_is_gone_the_fork_stays(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
        room = ada.room
    await asyncio.to_thread(server.stop)
    content = (server.work / text).read_text()
    (server.work / text).unlink()
    await asyncio.to_thread(server.start)
    assert (await end(server, made, merge=True)) == (
        404,
        {"code": "file_missing", "message": "The file does not exist (any more)."},
    )
    assert [*await listed(server, room)] == [made["fork_roomid"]]
    (server.work / text).write_text(content)
    assert (await end(server, made, merge=True))[0] == 200
    async with LiveClient(server, text, "text", "file") as ada:
        await ada.until(lambda: (server.work / text).read_text() == str(ada.text) == "bob\none\ntwo\n")


async def test_forks_that_nobody_uses_go_with_the_logs_retention(tmp_path: Path) -> None:
    equip(tmp_path)
    server = LiveServer(tmp_path, "--LiveApp.save_delay=0.1")
    (server.work / "a.txt").write_text("one\n")
    with server:
        async with LiveClient(server, "a.txt", "text", "file") as ada:
            old, new = await make(ada), await make(ada)
            async with ForkClient(ada, old) as bob:
                bob.text.insert(0, "x")
                await bob.until(lambda: bob.is_logged)
            room = ada.room
    with closing(sqlite3.connect(server.database)) as database, database:
        used = "update jupyter_live_document set used = '2020-01-01 00:00:00' where id like ?"
        assert database.execute(used, [f"%{old['fork_roomid']}"]).rowcount == 1
    with server:
        await _until(server, room, [new["fork_roomid"]])


async def test_forks_outlive_a_database_that_is_lost_while_they_are_open(tmp_path: Path) -> None:
    equip(tmp_path)
    server = LiveServer(tmp_path, "--LiveApp.save_delay=0.1")
    (server.work / "a.txt").write_text("one\n")
    with server:
        async with LiveClient(server, "a.txt", "text", "file") as ada:
            made = await make(ada, title="kept")
            async with ForkClient(ada, made) as bob:
                bob.text.insert(0, "bob\n")
                await bob.until(lambda: bob.is_logged)
                server.lose_database()
                bob.text.insert(0, "more\n")
                await bob.until(lambda: bob.is_logged)
                assert (await listed(server, ada.room))[made["fork_roomid"]]["title"] == "kept"
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)
            await ada.connect()
            assert (await end(server, made, merge=True))[1]["outcome"] == "merged"
            await ada.until(lambda: str(ada.text) == "more\nbob\none\n")


async def _until(server: LiveServer, room: str, forks: list[str]) -> None:
    found: list[str] = []
    for _ in range(200):
        found = [*await listed(server, room)]
        if found == forks:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(json.dumps(found))
