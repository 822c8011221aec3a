"""Another program that locks the log's file for longer than we wait."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from failures.databases import database
from jupyter_live.testing import LiveClient, LiveServer

LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
input()
"""


def lock(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", LOCK, str(path)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"locked\n"
    return other


async def test_changes_wait_in_memory_and_are_logged_when_the_lock_is_gone(tmp_path: Path) -> None:
    server = LiveServer(tmp_path)
    (server.work / "a.txt").write_text("one\n")
    await asyncio.to_thread(server.start)
    ada = await LiveClient(server, "a.txt", "text", "file").open()
    other = await asyncio.to_thread(lock, database(server))
    try:
        ada.text.insert(0, "typed ")
        await ada.until(lambda: ada.latest("state")["code"] == "log_failed")
        assert ada.latest("ack")["received"] == ada.sent and not ada.is_logged
        ada.text.insert(0, "and ")
        await ada.until(lambda: (tmp_path / "work" / "a.txt").read_text() == "and typed one\n")
        assert not ada.is_logged, "the file does not depend on the log"
        other.communicate()
        await ada.until(lambda: ada.is_logged and ada.latest("state")["log"] == "ok")
        await ada.close()
    finally:
        other.kill()
        other.wait()
        await asyncio.to_thread(server.stop)
