"""HTTP requests under Daphne: bounded, and never half an answer that looks whole."""

from __future__ import annotations

import asyncio
from http.client import IncompleteRead

import pytest

from .running import Toy, asked

LIMIT = 8 * 2**20


@pytest.mark.parametrize("size", [0, 2**16, LIMIT])
async def test_a_body_arrives_whole(toy: Toy, size: int) -> None:
    assert await toy.ask("POST", "body", bytes(size)) == (200, str(size).encode())


async def test_a_body_that_is_too_large_is_refused(toy: Toy) -> None:
    def refused() -> bytes:
        with toy.http() as connection:
            connection.connect()
            connection.putrequest("POST", "/body")
            connection.putheader("Content-Length", str(10 * LIMIT))
            connection.endheaders()
            try:
                for _ in range(10):
                    connection.send(bytes(LIMIT))
            except (ConnectionResetError, BrokenPipeError):
                return b"413"  # it has closed before all was sent: the answer may be lost
            return str(connection.getresponse().status).encode()

    assert await asyncio.to_thread(refused) == b"413"
    assert await toy.ask("POST", "body", b"12345") == (200, b"5")


async def test_a_body_that_nobody_wants_costs_no_memory(toy: Toy) -> None:
    before = toy.memory()
    statuses = await asyncio.gather(*(toy.ask("POST", "nothing", bytes(LIMIT)) for _ in range(10)))
    assert {status for status, _ in statuses} == {500}
    assert toy.memory() - before < 40


@pytest.mark.parametrize("path", ["fail", "nothing"])
async def test_an_application_without_answer_is_an_error(toy: Toy, path: str) -> None:
    status, body = await toy.ask("GET", path)
    assert status == 500 and b"aphne" not in body


async def test_half_an_answer_does_not_look_whole(toy: Toy) -> None:
    with pytest.raises((IncompleteRead, ConnectionResetError)):
        await toy.ask("GET", "half")


async def test_a_connection_serves_many_requests(toy: Toy) -> None:
    def work() -> None:
        with toy.http() as connection:
            for _ in range(20):
                assert asked(connection, "POST", "body", b"12345") == (200, b"5")

    await asyncio.to_thread(work)


async def test_the_root_path_is_the_servers(toy: Toy) -> None:
    _, body = await toy.ask("GET", "scope", None, {"Daphne-Root-Path": "/evil"})
    assert b"evil" not in body
