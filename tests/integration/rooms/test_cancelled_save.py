"""A save whose asker goes away."""

from __future__ import annotations

import asyncio

from jupyter_live.testing import LiveClient, LiveServer


async def test_who_leaves_right_after_asking_does_not_spoil_the_file(quick: LiveServer, text: str) -> None:
    """Cancelled between the write and the note of it, the bridge would take its own file for somebody else's."""
    async with LiveClient(quick, text, "text", "file") as stays:
        for n in range(25):
            leaves = await LiveClient(quick, text, "text", "file").open()
            leaves.text.insert(0, f"{n} ")
            await asyncio.sleep(0)
            await leaves.send(b"\x02\x04save\x01")
            await asyncio.sleep(n / 2000)
            await leaves.cut()
            assert stays.latest("state")["file"] != "failed", stays.latest("state")
        stays.text.insert(0, "end ")
        await stays.until(lambda: stays.is_saved)
        assert (quick.work / text).read_text() == str(stays.text)
