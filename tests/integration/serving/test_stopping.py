"""The end of a server: everybody is told, nobody waits for ever."""

from __future__ import annotations

import asyncio
import signal
import socket

import pytest
from websockets.exceptions import ConnectionClosed

from jupyter_live.errors import LiveError

from .conftest import Run
from .running import PATIENCE, Toy, asked, closed

RESTARTING = (1012, LiveError("restarting").reason())


def refuses(toy: Toy) -> bool:
    try:
        socket.create_connection(("127.0.0.1", toy.port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_every_client_is_told_to_come_back(run: Run, number: signal.Signals) -> None:
    toy = run()
    clients = [await toy.connect("echo") for _ in range(50)]
    toy.signal(number)
    assert {await closed(client) for client in clients} == {RESTARTING}
    assert await asyncio.to_thread(toy.status) == 0
    toy.end()
    assert toy.told[-1] == "returned" and toy.errors == ""


async def test_what_was_sent_before_arrives_whole_before_the_close(run: Run) -> None:
    toy = run()
    async with toy.connect("flood", max_queue=1) as client:
        await client.recv()
        toy.signal()
        await asyncio.to_thread(toy.until, "client gone")
        with pytest.raises(ConnectionClosed):
            while True:
                assert len(await client.recv()) == 256 * 1024
        assert (client.close_code, client.close_reason) == RESTARTING


async def test_nobody_new_comes_in_while_it_drains(run: Run) -> None:
    toy = run(drain="waits")

    def meanwhile() -> None:
        with toy.http() as kept:
            assert asked(kept, "GET", "readyz") == (200, b'{"status": "ok"}')
            toy.signal()
            toy.until("draining")
            assert refuses(toy)
            assert asked(kept, "GET", "readyz") == (503, b'{"server": "draining"}')
            assert asked(kept, "GET", "healthz") == (200, b'{"status": "ok"}')
            assert asked(kept, "GET", "release") == (200, b"released")

    async with toy.connect("echo") as client:
        await asyncio.to_thread(meanwhile)
        assert await closed(client) == RESTARTING
    assert await asyncio.to_thread(toy.status) == 0


async def test_a_socket_by_a_connection_that_was_open_is_told_too(run: Run) -> None:
    toy = run(drain="waits")
    plain = socket.create_connection(("127.0.0.1", toy.port), PATIENCE)
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: toy\r\n\r\n")
    assert await asyncio.to_thread(plain.recv, 1000)
    toy.signal()
    await asyncio.to_thread(toy.until, "draining")
    plain.sendall(
        b"GET /echo HTTP/1.1\r\nHost: toy\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyEhIQ==\r\n\r\n"
    )
    heard = b""
    while b'"restarting"' not in heard:
        heard += await asyncio.to_thread(plain.recv, 1000)
    assert b" 101 " in heard and b"\x03\xf4" in heard  # 1012
    plain.close()
    toy.signal()


@pytest.mark.parametrize("how", ["hangs", "fails"])
async def test_a_drain_that_goes_wrong_ends_all_the_same(run: Run, how: str) -> None:
    toy = run(drain=how, drain_timeout=0.5)
    async with toy.connect("echo") as client, toy.connect("hang") as deaf:
        toy.signal()
        assert await closed(client) == RESTARTING
        assert await closed(deaf) == RESTARTING
    assert await asyncio.to_thread(toy.status) == 0
    toy.end()
    assert "draining" in toy.errors


async def test_a_client_that_does_not_answer_does_not_keep_it(run: Run) -> None:
    toy = run()
    client = await toy.connect("echo")
    client.transport.pause_reading()
    toy.signal()
    assert await asyncio.to_thread(toy.status) == 0
    client.transport.abort()


async def test_a_second_signal_ends_it_at_once(run: Run) -> None:
    toy = run(drain="hangs", drain_timeout=600)
    async with toy.connect("hang"):
        toy.signal()
        await asyncio.to_thread(toy.until, "draining")
        toy.signal()
        assert await asyncio.to_thread(toy.status) == 0


async def test_the_application_starts_before_the_server_listens(run: Run) -> None:
    toy = run(start="works")
    assert toy.told[:2] == ["starting", "started"]


def test_what_start_raises_is_raised(run: Run) -> None:
    with pytest.raises(AssertionError, match="RuntimeError: no database here"):
        run(start="fails")


def test_a_port_that_is_taken_is_an_error(run: Run) -> None:
    toy = run()
    with pytest.raises(AssertionError, match="OSError: .*Address already in use"):
        run(port=toy.port)
