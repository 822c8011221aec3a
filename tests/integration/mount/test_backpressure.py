"""Neither side can fill the server's memory: the mount is bounded by bytes both ways."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import websockets
from waiting import until

from jupyter_live.mount import Limits
from jupyter_live.mount.inbox import Inbox

from .hosting import Hosting, standstill

BLOCK = 256 * 1024
BLOCKS = 400  # 100 MiB, far more than the buffers of two sockets
BUFFERS = 200  # blocks that the operating system may take on a bad day

LIMITS = Limits(max_message_size=2**20, inbox_limit=2**20, ping_interval=0)


async def test_a_client_waits_for_an_application_that_does_not_receive(hosting: Hosting) -> None:
    go_on = asyncio.Event()
    received: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go_on.wait()
        while (message := await receive())["type"] == "websocket.receive":
            received.append(int.from_bytes(message["bytes"][:4], "big"))

    async with hosting(app, limits=LIMITS) as host:
        async with websockets.connect(host.ws(), compression=None, ping_interval=None) as client:
            sent: list[int] = []

            async def send_all() -> None:
                for number in range(BLOCKS):
                    await client.send(number.to_bytes(4, "big") + bytes(BLOCK - 4))
                    sent.append(number)

            sending = asyncio.create_task(send_all())
            assert 0 < await standstill(lambda: len(sent)) < BUFFERS
            go_on.set()
            await sending
            await until(lambda: len(received) == BLOCKS)
    assert received == list(range(BLOCKS))


async def test_a_stalled_application_does_not_stall_another_socket(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if b"stall" in scope["query_string"]:
            await asyncio.Event().wait()
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message["bytes"]})

    limits = Limits(max_message_size=2**20, inbox_limit=2**16, ping_interval=0, stop_timeout=0.1)
    async with hosting(app, limits=limits) as host:
        stalled = await websockets.connect(host.ws(query="?token=secret&stall"), ping_interval=None)
        async with websockets.connect(host.ws()) as client:
            flood = asyncio.create_task(stalled.send([bytes(BLOCK)] * BLOCKS))
            await client.send(b"hello")
            assert await client.recv() == b"hello"
        flood.cancel()
        stalled.transport.abort()


def test_messages_without_content_count_too() -> None:
    """A million empty messages are hundreds of megabytes of Python objects."""

    async def fill() -> int:
        inbox = Inbox(2**16)
        for count in range(10_000):
            if waiter := inbox.put({"type": "websocket.receive", "bytes": b""}, 0):
                waiter.cancel()
                return count
        raise AssertionError("an inbox of 64 kB takes 10,000 messages")

    assert asyncio.run(fill()) > 10


async def test_an_application_waits_for_a_client_that_does_not_read(hosting: Hosting) -> None:
    sent: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(BLOCKS):
            await send({"type": "websocket.send", "bytes": number.to_bytes(4, "big") + bytes(BLOCK - 4)})
            sent.append(number)

    async with hosting(app, limits=LIMITS) as host:
        client = await host.raw_socket(receive_buffer=2**16)
        assert await standstill(lambda: len(sent)) < BUFFERS
        for number in range(BLOCKS):
            opcode, payload = await client.frame()
            assert opcode == 0x2 and payload[:4] == number.to_bytes(4, "big") and len(payload) == BLOCK
        await until(lambda: len(sent) == BLOCKS)
        await client.close()


async def test_an_application_that_waits_to_send_hears_when_the_client_goes(hosting: Hosting) -> None:
    errors: list[Exception] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "bytes": bytes(BLOCK)})
        except Exception as error:
            errors.append(error)
            raise

    async with hosting(app, limits=LIMITS) as host:
        client = await host.raw_socket(receive_buffer=2**16)
        await client.frame()
        await client.close()
        await until(lambda: errors)
    assert isinstance(errors[0], OSError)


async def test_a_streamed_response_waits_for_its_reader(hosting: Hosting) -> None:
    sent: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for number in range(BLOCKS):
            await send({"type": "http.response.body", "body": bytes(BLOCK), "more_body": number < BLOCKS - 1})
            sent.append(number)

    async with hosting(app) as host:
        connection = await asyncio.to_thread(host.request, "GET", "stream")
        assert await standstill(lambda: len(sent)) < BUFFERS
        response = await asyncio.to_thread(connection.getresponse)
        assert len(await asyncio.to_thread(response.read)) == BLOCKS * BLOCK
        connection.close()


@pytest.mark.parametrize("limit", [0, 100])
async def test_an_inbox_always_takes_one_message(limit: int) -> None:
    inbox = Inbox(limit)
    waiter = inbox.put({"type": "x"}, 10 * limit + 1)
    assert waiter is not None and not waiter.done()
    assert await inbox.get() == {"type": "x"}
    await waiter
