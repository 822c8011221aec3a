"""Two servers on one database: the second begins a new history because the file was changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_live.testing import LiveClient, LiveServer


async def test_who_writes_into_a_history_that_was_replaced_is_told_to_reload(tmp_path: Path) -> None:
    first, second = LiveServer(tmp_path), LiveServer(tmp_path)
    (first.work / "a.txt").write_text("one\n")
    await asyncio.to_thread(first.start)
    try:
        ada = await LiveClient(first, "a.txt", "text", "file").open()
        (first.work / "a.txt").write_text("one, changed outside\n")
        await asyncio.to_thread(second.start)
        bob = await LiveClient(second, "a.txt", "text", "file").open()
        assert bob.session["sessionId"] != ada.session["sessionId"]
        ada.text.insert(0, "lost? ")
        await ada.until(lambda: ada.closed is not None)
        assert ada.closed is not None and ada.closed[0] == 1003 and "reloadable" in ada.closed[1]
        assert not ada.is_logged, "nothing was promised"
        again = await LiveClient(first, "a.txt", "text", "file").open()
        assert again.session["sessionId"] == bob.session["sessionId"]
        assert str(again.text) == "one, changed outside\n"
        for client in (ada, bob, again):
            await client.close()
    finally:
        await asyncio.to_thread(first.stop)
        await asyncio.to_thread(second.stop)
