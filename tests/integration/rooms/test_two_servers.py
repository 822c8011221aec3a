"""Two servers with one data folder and one folder of files: two programs that edit the same file."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from pathlib import Path

from jupyter_live.testing import LiveClient, LiveServer


def logged(database: Path) -> bytes:
    """Everything in a database's rows."""
    with sqlite3.connect(database) as reader:
        rows = b"".join(data for (data,) in reader.execute("SELECT data FROM jupyter_live_update"))
    reader.close()
    return rows


async def test_each_has_a_history_of_its_own_and_no_row_crosses(tmp_path: Path) -> None:
    """Each has a replica of its own: rows of both in one history would replay as duplicates."""
    slow = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600"
    first, second = LiveServer(tmp_path, *slow), LiveServer(tmp_path, *slow)
    folder = tmp_path / "data" / "jupyter_live"
    (first.work / "a.txt").write_text("one\n")
    await asyncio.to_thread(first.start)
    try:
        ada = await LiveClient(first, "a.txt", "text", "file").open()
        await asyncio.to_thread(second.start)
        bob = await LiveClient(second, "a.txt", "text", "file").open()
        assert bob.session["fileId"] == ada.session["fileId"]
        assert bob.session["sessionId"] != ada.session["sessionId"]
        ada.text.insert(0, "ada ")
        bob.text.insert(0, "bob ")
        for client in (ada, bob):
            await client.until(lambda client=client: client.is_logged)  # type: ignore[misc]
        assert b"ada" in logged(folder / "live.sqlite3") and b"bob" not in logged(folder / "live.sqlite3")
        assert b"bob" in logged(folder / "live.2.sqlite3") and b"ada" not in logged(folder / "live.2.sqlite3")
        for client in (ada, bob):
            await client.close()
    finally:
        await asyncio.to_thread(first.stop)
        await asyncio.to_thread(second.stop)


async def test_the_log_of_a_server_that_is_gone_is_its_successors(tmp_path: Path) -> None:
    first, second = LiveServer(tmp_path), LiveServer(tmp_path)
    (first.work / "a.txt").write_text("one\n")
    await asyncio.to_thread(first.start)
    ada = await LiveClient(first, "a.txt", "text", "file").open()
    await ada.close()
    await asyncio.to_thread(first.stop, signal.SIGKILL)
    await asyncio.to_thread(second.start)
    try:
        async with LiveClient(second, "a.txt", "text", "file") as bob:
            assert bob.session == ada.session
        assert not list((tmp_path / "data" / "jupyter_live").glob("live.2*"))
    finally:
        await asyncio.to_thread(second.stop)


async def test_what_both_told_as_saved_is_in_the_file(tmp_path: Path) -> None:
    """Both save all the time. To look at the file and to write it must be one, as it is not for other programs."""
    quick = "--LiveApp.save_delay=0.1", "--LiveApp.save_delay_max=0.3"
    first, second = LiveServer(tmp_path, *quick), LiveServer(tmp_path, *quick)
    file = first.work / "a.txt"
    file.write_text("top\nmiddle\nbottom\n")
    await asyncio.to_thread(first.start)
    await asyncio.to_thread(second.start)
    try:
        async with (
            LiveClient(first, "a.txt", "text", "file") as ada,
            LiveClient(second, "a.txt", "text", "file") as bob,
        ):
            typed = ["top", "middle", "bottom"]
            for n in range(120):
                ada.text.insert(0, f"ada {n}\n")
                bob.text.insert(len(str(bob.text)), f"bob {n}\n")
                typed += f"ada {n}", f"bob {n}"
                await asyncio.sleep(0.1)
            await ada.until(lambda: ada.is_saved and bob.is_saved)
            await ada.until(lambda: str(ada.text) == str(bob.text) == file.read_text())
            assert sorted(file.read_text().splitlines()) == sorted(typed)
    finally:
        await asyncio.to_thread(first.stop)
        await asyncio.to_thread(second.stop)
