"""Who is gone is noticed; who is only slow is not taken for that."""

from __future__ import annotations

import asyncio
import json

from .conftest import Run
from .running import PATIENCE

PINGS = {"ping_interval": 1, "ping_timeout": 2}  # seconds; Daphne looks every 2
LONG = 10.0  # seconds, in which a client that says nothing is cut off


async def test_a_client_that_answers_nothing_is_cut_off(run: Run) -> None:
    toy = run(**PINGS)
    client = await toy.connect("echo", ping_interval=None)
    client.transport.pause_reading()
    assert (await asyncio.to_thread(toy.until, "disconnect")).startswith("disconnect 1006")
    client.transport.abort()


async def test_a_client_that_is_not_read_is_not_taken_for_gone(run: Run) -> None:
    """Its answers stand behind what the application does not receive."""
    toy = run(**PINGS)
    async with toy.connect("deaf", ping_interval=None) as client:
        sending = asyncio.create_task(client.send(bytes(7 * 2**20)))
        more = [asyncio.create_task(client.send(b"more")) for _ in range(10)]
        await asyncio.sleep(LONG)
        await toy.ask("GET", "release")
        for number in range(11):
            assert await asyncio.wait_for(client.recv(), PATIENCE) == str(number + 1)
        await asyncio.gather(sending, *more)


async def test_a_message_that_takes_long_is_not_interrupted(run: Run) -> None:
    """The client cannot answer a ping in the middle of its own message."""
    toy = run(**PINGS)
    async with toy.connect("echo", ping_interval=None) as client:
        size, part = 1_000_000, 50_000
        client.transport.write(b"\x82\xff" + size.to_bytes(8, "big") + bytes(4))
        for _ in range(0, size, part):
            await asyncio.sleep(LONG * part / size)
            client.transport.write(bytes(part))
        assert await asyncio.wait_for(client.recv(), PATIENCE) == bytes(size)


async def test_an_idle_client_that_answers_stays(run: Run) -> None:
    toy = run(**PINGS)
    async with toy.connect("close", ping_interval=None) as client:
        await asyncio.sleep(LONG)
        await client.send(json.dumps({"code": 4000}))
        await asyncio.wait_for(client.wait_closed(), PATIENCE)
        assert client.close_code == 4000
