"""Shared types in shared types in shared types."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jupyter_live import protocol
from jupyter_live.protocol import write_varuint
from jupyter_live.testing import LiveClient, LiveServer

from .corpus import CLIENT
from .server import Calm

DEPTH = 100_000


@pytest.mark.xfail(strict=True, reason="yrs 0.28 deletes by recursion; the README names it")
async def test_deleting_what_is_nested_deep_does_not_end_the_server(tmp_path: Path) -> None:
    """On a server of its own: the engine deletes by recursion, and its stack has an end."""
    lists = [b"\x07\x01\x05cells\x00", *(b"\x07\x00" + CLIENT + write_varuint(n) + b"\x00" for n in range(DEPTH - 1))]
    nested = b"\x01" + write_varuint(DEPTH) + CLIENT + b"\x00" + b"".join(lists) + b"\x00"
    deleted = b"\x00\x01" + CLIENT + b"\x01\x00\x01"
    server = LiveServer(tmp_path)
    for name in ("calm.txt", "hostile.txt"):
        (server.work / name).write_text("calm")
    await asyncio.to_thread(server.start)
    try:
        async with LiveClient(server, "calm.txt", "text", "file") as calm_client:
            calm = Calm(calm_client)
            hostile = await LiveClient(server, "hostile.txt", "text", "file").open()
            for update in (nested, deleted):
                await hostile.send(protocol.update(update))
            await hostile.send(protocol.step1(b"\x00"))
            await hostile.until(lambda: hostile.closed or hostile.latest("ack").get("received") == 3)
            await calm.goes_on()
            await hostile.close()
    finally:
        await asyncio.to_thread(server.stop)
