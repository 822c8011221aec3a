"""The same application under uvicorn, which has ASGI's lifespan, and under Daphne, which has not."""

from __future__ import annotations

import asyncio
import json

import pytest

from jupyter_live.errors import LiveError

from .conftest import Run
from .running import closed

NOT_STARTED = LiveError("not_started")


async def test_uvicorn_starts_serves_and_stops_it(run: Run) -> None:
    toy = run("uvicorn", lifespan="works")
    assert toy.told == ["starting", "started", f"ready {toy.port}"]
    async with toy.connect("echo") as client:
        await client.send(bytes(5_000_000))
        assert await client.recv() == bytes(5_000_000)
        toy.signal()
        assert (await closed(client))[0] == 1012
    await asyncio.to_thread(toy.status)
    toy.end()
    assert toy.told[-1] == "stopped" and toy.errors == ""


def test_uvicorn_ends_when_it_cannot_start(run: Run) -> None:
    with pytest.raises(AssertionError, match="no database here"):
        run("uvicorn", lifespan="fails")


async def test_under_daphne_the_first_to_come_starts_it(run: Run) -> None:
    toy = run(lifespan="works")
    assert toy.told == [f"ready {toy.port}"]

    async def echo() -> None:
        async with toy.connect("echo") as client:
            await client.send("hello")
            assert await client.recv() == "hello"

    answers = await asyncio.gather(toy.ask("GET", "healthz"), toy.ask("GET", "scope"), echo(), echo())
    assert answers[0][0] == answers[1][0] == 200
    toy.end()
    assert [line for line in toy.told if line.startswith("start")] == ["starting", "started"]


async def test_who_leaves_does_not_stop_the_start(run: Run) -> None:
    toy = run(lifespan="works")
    with toy.http() as connection:
        connection.request("GET", "/scope")
        await asyncio.to_thread(toy.until, "starting")
    assert (await toy.ask("GET", "scope"))[0] == 200
    toy.end()
    assert toy.told.count("starting") == 1


async def test_under_daphne_a_failed_start_is_told_to_everybody(run: Run) -> None:
    toy = run(lifespan="fails")
    for _ in range(2):
        status, body = await toy.ask("GET", "scope")
        assert (status, json.loads(body)) == (503, NOT_STARTED.body())
        async with toy.connect("echo") as client:
            assert await closed(client) == (1013, NOT_STARTED.reason())
    toy.end()
    assert toy.told.count("starting") == 1
    assert toy.errors.count("RuntimeError: no database here") == 1
