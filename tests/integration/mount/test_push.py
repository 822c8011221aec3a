"""Pushing: messages that an application sends without waiting, in one order with those that it waits for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import websockets

from jupyter_live.mount import Limits
from jupyter_live.push import PUSH, Shared

from .hosting import Hosting

LIMITS = Limits(max_message_size=2**20, inbox_limit=2**20, ping_interval=0)
LENGTHS = [0, 1, 125, 126, 65_535, 65_536, 300_000]  # around each way to write a length


async def test_what_is_pushed_and_what_is_sent_arrives_whole_and_in_order(hosting: Hosting) -> None:
    messages = [bytes([number % 256]) * LENGTHS[number % len(LENGTHS)] for number in range(200)]
    pushed = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        push = scope["extensions"][PUSH]["push"]
        await receive()
        assert not push(b"before the handshake"), "nobody can be sent anything yet"
        await send({"type": "websocket.accept"})
        for number, message in enumerate(messages):
            shared = Shared(message)
            pushed.append(push(shared))
            if not pushed[-1]:
                await send({"type": "websocket.send", "bytes": shared})
            if number == 100:
                await receive()
        await receive()
        await receive()
        assert not push(b"after the client has gone")

    async with hosting(app, limits=LIMITS) as host, websockets.connect(host.ws(), compression=None) as client:
        await asyncio.sleep(0.2)  # so that the buffers fill
        await client.send(b"go on")
        assert [await client.recv() for _ in messages] == messages
        await client.send(b"that is all")
    assert set(pushed) == {True, False}, "both ways were taken"


async def test_a_message_for_many_is_framed_once(hosting: Hosting) -> None:
    shared, wires = Shared(b"to everybody"), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        assert scope["extensions"][PUSH]["push"](shared)
        wires.append(shared.wire)
        await receive()

    async with hosting(app, limits=LIMITS) as host:
        for _ in range(3):
            async with websockets.connect(host.ws(), compression=None) as client:
                assert await client.recv() == b"to everybody"
    assert len({id(wire) for wire in wires}) == 1 and wires[0] == b"\x82\x0cto everybody"


@pytest.mark.parametrize("code", [1000, 4400])
async def test_nothing_is_pushed_after_the_close(hosting: Hosting, code: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        push = scope["extensions"][PUSH]["push"]
        await receive()
        await send({"type": "websocket.accept"})
        assert push(b"last")
        await send({"type": "websocket.close", "code": code})
        assert not push(b"too late")

    async with hosting(app, limits=LIMITS) as host, websockets.connect(host.ws(), compression=None) as client:
        assert await client.recv() == b"last"
        with pytest.raises(websockets.ConnectionClosed):
            await client.recv()
        assert client.close_code == code
