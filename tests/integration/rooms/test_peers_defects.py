"""Defects reproduced with jupyter-collaboration 5.0.4, each with the outcome that is promised here instead."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from jupyter_live.protocol import update
from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, sources, write

DATABASE = "data/jupyter_live/live.sqlite3"


def lose_database(server: LiveServer) -> None:
    for suffix in ("", "-wal", "-shm"):
        (server.home / f"{DATABASE}{suffix}").unlink(missing_ok=True)


async def restart_without_database(server: LiveServer, *clients: LiveClient) -> None:
    await asyncio.to_thread(server.stop)
    lose_database(server)
    for client in clients:
        await client.until(lambda client=client: client.closed)  # type: ignore[misc]
    await asyncio.to_thread(server.start)


async def test_an_idle_client_of_an_evicted_room_gets_the_file_s_change(tmp_path: Path) -> None:
    """Theirs: silent divergence with equal state vectors."""
    with LiveServer(tmp_path, "--LiveApp.idle_delay=0.2") as server:
        file = server.work / "a.txt"
        file.write_text("a=1\n")
        ada = await LiveClient(server, file.name, "text", "file").open()
        await ada.cut()
        await asyncio.sleep(1)
        file.write_text("a=2\n")
        await ada.connect()
        await ada.until(lambda: str(ada.text) == "a=2\n")
        await ada.close()


async def test_what_was_typed_and_saved_is_there_once_after_the_database_is_lost(tmp_path: Path) -> None:
    """Theirs: the line twice on the server and on disk, once in the client."""
    with LiveServer(tmp_path, "--LiveApp.save_delay=0.2") as server:
        file = server.work / "a.txt"
        file.write_text("a=1\n")
        ada = await LiveClient(server, file.name, "text", "file").open()
        ada.text.insert(4, "b=2\n")
        await ada.until(lambda: ada.is_saved)
        await restart_without_database(server, ada)
        await ada.connect()
        async with LiveClient(server, file.name, "text", "file") as grace:
            assert str(grace.text) == str(ada.text) == file.read_text() == "a=1\nb=2\n"
        await ada.close()


async def test_a_cell_that_was_appended_and_saved_is_there_once_after_the_database_is_lost(tmp_path: Path) -> None:
    """Theirs: an error in the server and a dialog about a conflict."""
    with LiveServer(tmp_path, "--LiveApp.save_delay=0.2") as server:
        file = server.work / "a.ipynb"
        write(file, code("a = 1", "first"))
        ada = await LiveClient(server, file.name).open()
        ada.add_cell(1, "b = 2", "second")
        await ada.until(lambda: ada.is_saved)
        await restart_without_database(server, ada)
        await ada.connect()
        async with LiveClient(server, file.name) as grace:
            assert grace.sources == ada.sources == sources(file) == ["a = 1", "b = 2"]
        await ada.close()
        assert "Traceback" not in server.log()


@pytest.mark.parametrize("cells", [[], [code("a = 1"), code("b = 2")]], ids=["empty", "without ids"])
async def test_cells_have_one_id_everywhere_after_the_database_is_lost(tmp_path: Path, cells: list[dict]) -> None:  # type: ignore[type-arg]
    """Theirs: other ids on client and server, with equal state vectors."""
    with LiveServer(tmp_path) as server:
        file = server.work / "a.ipynb"
        write(file, *cells, minor=4)
        ada = await LiveClient(server, file.name).open()
        await restart_without_database(server, ada)
        await ada.connect()
        async with LiveClient(server, file.name) as grace:
            assert [cell["id"] for cell in grace.cells] == [cell["id"] for cell in ada.cells]
            assert grace.sources == ada.sources == ([cell["source"][0] for cell in cells] or [""])
        await ada.close()


async def test_a_document_is_saved_while_changes_keep_coming(quick: LiveServer, text: str) -> None:
    """Theirs: not one save in 6 s of a change every 0.4 s."""
    async with LiveClient(quick, text, "text", "file") as ada:
        before = len([notice for notice in ada.notices if notice["type"] == "saved"])
        for _ in range(60):
            ada.text.insert(0, "x")
            await asyncio.sleep(0.05)  # never quiet for the 0.2 s of save_delay
        assert len([notice for notice in ada.notices if notice["type"] == "saved"]) > before + 1


async def test_sigterm_within_the_save_delay_loses_nothing(tmp_path: Path) -> None:
    """Theirs: the last edit gone from the file and from the document."""
    with LiveServer(tmp_path, "--LiveApp.save_delay=600") as server:
        file = server.work / "a.txt"
        file.write_text("one\n")
        ada = await LiveClient(server, file.name, "text", "file").open()
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_logged)
        await asyncio.to_thread(server.stop, signal.SIGTERM)
        assert file.read_text() == "xone\n"
        await asyncio.to_thread(server.start)
        async with LiveClient(server, file.name, "text", "file") as grace:
            assert str(grace.text) == "xone\n"
        await ada.close()


async def test_an_unsaved_edit_survives_a_change_of_another_cell_on_disk(lazy: LiveServer, name: str) -> None:
    """Theirs: the edit is gone, without a word."""
    file = lazy.work / f"{name}.ipynb"
    write(file, code("a = 1", "first"), code("b = 2", "second"))
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[0]["source"].insert(0, "ada ")
        await ada.until(lambda: ada.is_logged)
        write(file, code("a = 1", "first"), code("b = 22", "second"))
        await ada.until(lambda: ada.sources == ["ada a = 1", "b = 22"])


async def test_an_edit_survives_a_reorder_of_cells_on_disk(lazy: LiveServer, name: str) -> None:
    """Theirs: the edit is gone, since the cell is deleted and made again."""
    file = lazy.work / f"{name}.ipynb"
    cells = [code(f"c{n} = {n}", f"cell-{n}") for n in range(6)]
    write(file, *cells)
    async with LiveClient(lazy, file.name) as ada:
        for cell in ada.cells:
            cell["source"].insert(0, "ada ")
        await ada.until(lambda: ada.is_logged)
        write(file, *cells[::-1])
        await ada.until(lambda: ada.sources == [f"ada c{n} = {n}" for n in range(6)][::-1])


async def test_an_edit_survives_an_output_written_on_disk(lazy: LiveServer, name: str) -> None:
    """Theirs: the edit is gone, since the whole cell is replaced."""
    file = lazy.work / f"{name}.ipynb"
    write(file, code("print(1)", "first"))
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[0]["source"].insert(0, "ada ")
        await ada.until(lambda: ada.is_logged)
        write(file, code("print(1)", "first", [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]))
        await ada.until(lambda: len(ada.cells[0]["outputs"]) == 1)
        assert ada.sources == ["ada print(1)"]
        assert (await ada.save())["status"] == "success"
        saved = json.loads(file.read_text())["cells"][0]
        assert ("".join(saved["source"]), "".join(saved["outputs"][0]["text"])) == ("ada print(1)", "1\n")


async def test_a_save_that_failed_is_told_as_failed(quick: LiveServer, text: str) -> None:
    """Theirs: `success`."""
    mood = quick.work / f"{text}.mood"
    mood.write_text("read-only")
    async with LiveClient(quick, text, "text", "file") as ada:
        ada.text.insert(0, "x")
        answer = await ada.save()
        assert (answer["status"], answer["code"]) == ("failed", "file_read_only")
        mood.unlink()
        await ada.until(lambda: ada.is_saved)


async def test_a_newcomer_sees_everybody_at_once(quick: LiveServer, text: str) -> None:
    """Theirs: nobody until the next renewal, up to 15 s."""
    async with LiveClient(quick, text, "text", "file") as ada:
        await ada.show(user={"name": "Ada"}, cursor=3)
        await ada.until(lambda: ada.doc.client_id in ada.awareness)
        async with LiveClient(quick, text, "text", "file") as grace:
            assert (grace.awareness[ada.doc.client_id] or {})["cursor"] == 3


async def test_an_invalid_update_is_refused_closed_and_logged(quick: LiveServer, text: str) -> None:
    """Theirs: dropped without a word; the socket stays open."""
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, text, "text", "file") as grace:
        await ada.send(update(b"\x01\x01\xff\xff\xff"))
        await ada.until(lambda: ada.closed)
        assert ada.closed is not None and ada.closed[0] == 4400 and "rejected_update" in ada.closed[1]
        assert grace.closed is None and "rejected_update" in quick.log()


async def test_without_a_token_nothing_is_opened(quick: LiveServer, text: str) -> None:
    """Theirs: 403, and yet the file is loaded and watched."""
    before = quick.session(text, "text", "file")[1]
    stranger = LiveClient(quick, f"stranger-{text}", "text", "file")
    (quick.work / stranger.path).write_text("secret\n")
    stranger.session = {**before, "fileId": "unknown"}
    with pytest.raises(InvalidStatus) as refused:
        await stranger.connect(token="wrong")
    assert refused.value.response.status_code == 403
    # Known by its id only once somebody who may opens it: then it is new.
    assert quick.session(stranger.path, "text", "file")[0] == 201


async def test_a_foreign_origin_is_refused_even_with_a_valid_token(quick: LiveServer, text: str) -> None:
    """Theirs: accepted."""
    stranger = LiveClient(quick, text, "text", "file")
    stranger.session = quick.session(text, "text", "file")[1]
    with pytest.raises(InvalidStatus) as refused:
        await stranger.connect(headers={"Origin": "https://evil.example"})
    assert refused.value.response.status_code == 403
