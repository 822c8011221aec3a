"""Another program that locks the log's file for longer than we wait."""

from __future__ import annotations

import asyncio
from pathlib import Path

from failures.databases import database, locked
from jupyter_live.testing import LiveClient, LiveServer


async def test_changes_wait_in_memory_and_are_logged_when_the_lock_is_gone(tmp_path: Path) -> None:
    server = LiveServer(tmp_path)
    (server.work / "a.txt").write_text("one\n")
    await asyncio.to_thread(server.start)
    try:
        ada = await LiveClient(server, "a.txt", "text", "file").open()
        with locked(database(server)):
            ada.text.insert(0, "typed ")
            await ada.until(lambda: ada.latest("state")["code"] == "log_failed")
            assert ada.latest("ack")["received"] == ada.sent and not ada.is_logged
            ada.text.insert(0, "and ")
            await ada.until(lambda: (tmp_path / "work" / "a.txt").read_text() == "and typed one\n")
            assert not ada.is_logged, "the file does not depend on the log"
        await ada.until(lambda: ada.is_logged and ada.latest("state")["log"] == "ok")
        await ada.close()
    finally:
        await asyncio.to_thread(server.stop)
