"""Pulling: messages that an application is given as they come, in one order with those that it receives."""

from __future__ import annotations

import asyncio
from typing import Any

import websockets

from jupyter_live.mount import Limits
from jupyter_live.push import PUSH

from .hosting import Hosting, pulling

LIMITS = Limits(max_message_size=2**20, inbox_limit=2**20, ping_interval=0)


async def test_what_is_taken_and_what_is_received_comes_in_order(hosting: Hosting) -> None:
    """The application takes some, refuses others, and lets messages wait that came before."""
    sent = [str(number).encode() for number in range(500)]
    came: list[bytes] = []
    ways: set[str] = set()
    over = asyncio.Event()

    def take(message: bytes) -> bool:
        if int(message) % 7 == 3:
            return False
        came.append(message)
        ways.add("taken")
        return True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][PUSH]["pull"](take)
        while (message := await receive())["type"] == "websocket.receive":
            came.append(message["bytes"])
            ways.add("received")
            await asyncio.sleep(0.001)
        over.set()

    async with hosting(app, limits=LIMITS) as host:
        async with websockets.connect(host.ws(), compression=None) as client:
            for message in sent:
                await client.send(message)
        await over.wait()
    assert came == sent and ways == {"taken", "received"}


async def test_one_who_never_stops_sending_lets_others_have_their_turn(hosting: Hosting) -> None:
    turns: list[int] = []  # how many messages had been taken when another task had a turn
    taken = 0

    def take(message: bytes) -> bool:
        nonlocal taken
        taken += 1
        return True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][PUSH]["pull"](take)
        await receive()

    async def other() -> None:
        while taken < 5000:
            turns.append(taken)
            await asyncio.sleep(0)

    async with hosting(app, limits=LIMITS) as host, websockets.connect(host.ws(), compression=None) as client:
        watching = asyncio.create_task(other())
        client.transport.write(b"\x82\x81\x00\x00\x00\x00x" * 5000)
        await watching
    turns.append(taken)
    assert max(after - before for before, after in zip(turns, turns[1:], strict=False)) < 200


async def test_an_application_that_breaks_while_it_takes_ends_the_socket(hosting: Hosting) -> None:
    gone = asyncio.Event()

    def take(message: bytes) -> bool:
        raise RuntimeError("broken")

    async with (
        hosting(pulling(take, gone), limits=LIMITS) as host,
        websockets.connect(host.ws(), compression=None) as client,
    ):
        await client.send(b"anything")
        await client.wait_closed()
        await gone.wait()
