"""Whoever does not read costs a bounded amount of memory, and nobody else anything."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable

import pytest
from waiting import until
from websockets.exceptions import ConnectionClosed

from .conftest import Run
from .running import Toy

BLOCK = 256 * 1024
BLOCKS = 800  # 200 MiB
BOUND = 40  # MiB
EMPTY = b"\x82\x80\x00\x00\x00\x00" * 10_000  # binary messages without content
BUFFERS = 200  # blocks that the operating system may take on a bad day

UPGRADE = (
    b"GET /flood HTTP/1.1\r\nHost: toy\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyEhIQ==\r\n\r\n"
)


def narrow(port: int) -> socket.socket:
    """A connection that takes little on its own."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    plain.connect(("127.0.0.1", port))
    return plain


async def standstill(count: Callable[[], Awaitable[int]], seconds: float = 3.0) -> int:
    """Wait until `count()` has not changed for a while; returns it.

    Autobahn without its C code takes 3 MB/s, so that a socket's buffers may stand still for a second.
    """
    loop = asyncio.get_running_loop()
    last, since = await count(), loop.time()
    while loop.time() - since < seconds:
        await asyncio.sleep(0.05)
        if (now := await count()) != last:
            last, since = now, loop.time()
    return last


async def sent(toy: Toy) -> int:
    return int((await toy.ask("GET", "sent"))[1])


async def warm(toy: Toy) -> float:
    """Its memory after it has done once what the test does."""
    async with toy.connect("echo") as client:
        await client.send(bytes(BLOCK * 10))
        await client.recv()
    return toy.memory()


async def test_a_client_that_does_not_read(run: Run) -> None:
    toy = run()
    before = await warm(toy)
    slow = toy.connect("flood", sock=narrow(toy.port), max_queue=1, ping_interval=None)
    async with slow as client, toy.connect("echo") as other:
        await client.recv()
        assert await standstill(lambda: sent(toy)) < BUFFERS
        assert toy.memory() - before < BOUND
        await other.send(b"served meanwhile")
        assert await other.recv() == b"served meanwhile"
        for _ in range(BLOCKS - 1):  # nothing is lost
            assert len(await client.recv()) == BLOCK
        with pytest.raises(ConnectionClosed):
            await client.recv()
    assert toy.memory() - before < BOUND


async def test_an_application_that_waits_to_send_hears_when_the_client_goes(run: Run) -> None:
    toy = run()
    client = await toy.connect("flood", sock=narrow(toy.port), max_queue=1, ping_interval=None)
    await client.recv()
    await standstill(lambda: sent(toy))
    client.transport.abort()
    await asyncio.to_thread(toy.until, "client gone")


async def test_a_client_that_sends_more_than_the_application_receives(run: Run) -> None:
    toy = run()
    before = await warm(toy)
    count = 0
    async with toy.connect("deaf", ping_interval=None) as client, toy.connect("echo") as other:

        async def send_all() -> None:
            nonlocal count
            for _ in range(BLOCKS):
                await client.send(bytes(BLOCK))
                count += 1

        async def counted() -> int:
            return count

        sending = asyncio.create_task(send_all())
        assert await standstill(counted) < BUFFERS
        assert toy.memory() - before < BOUND
        await other.send(b"served meanwhile")
        assert await other.recv() == b"served meanwhile"

        await toy.ask("GET", "release")
        for number in range(BLOCKS):  # nothing is lost
            assert await client.recv() == str(number + 1)
        await sending
    assert toy.memory() - before < BOUND


async def test_many_empty_messages_count_too(run: Run) -> None:
    """A million of them are hundreds of megabytes of Python objects."""
    toy = run()
    before = await warm(toy)
    async with toy.connect("deaf", ping_interval=None) as client:

        async def send_all() -> None:
            while True:
                if client.transport.get_write_buffer_size() < len(EMPTY):
                    client.transport.write(EMPTY)
                await asyncio.sleep(0.001)

        async def grown() -> int:
            memory = toy.memory() - before
            assert memory < BOUND
            return round(memory)

        sending = asyncio.create_task(send_all())
        await standstill(grown)
        sending.cancel()
        client.transport.abort()


async def test_a_streamed_response_waits_for_its_reader(run: Run) -> None:
    toy = run()
    before = await warm(toy)
    plain = narrow(toy.port)
    plain.sendall(b"GET /stream HTTP/1.1\r\nHost: toy\r\nConnection: close\r\n\r\n")
    assert await standstill(lambda: sent(toy)) < BUFFERS
    assert toy.memory() - before < BOUND

    def rest() -> int:
        size = 0
        while data := plain.recv(2**20):
            size += len(data)
        return size

    assert await asyncio.to_thread(rest) > BLOCKS * BLOCK
    plain.close()


async def test_a_client_that_closes_and_does_not_read_is_cut_off(run: Run) -> None:
    """Twisted would keep the connection until it has taken what was sent before."""
    toy = run()
    plain = narrow(toy.port)
    plain.sendall(UPGRADE)
    await standstill(lambda: sent(toy))
    plain.sendall(b"\x88\x80\x00\x00\x00\x00")
    await asyncio.to_thread(toy.until, "client gone")  # its application hears at once
    await until(lambda: plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET)
    plain.close()
