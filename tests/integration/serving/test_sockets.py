"""Sockets under Daphne: what arrives, and how they end."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_live.errors import LiveError

from .conftest import Run
from .running import Toy, closed

SERVER_ERROR = (1011, LiveError("server_error").reason())


@pytest.mark.parametrize(
    "message", [bytes(range(256)) * 20_000, "é" * 100_000, b"", ""], ids=["5 MB", "text", "b''", "''"]
)
async def test_messages_come_back_as_they_were(toy: Toy, message: bytes | str) -> None:
    async with toy.connect("echo") as client:
        await client.send(message)
        assert await client.recv() == message


async def test_a_message_may_come_in_fragments(toy: Toy) -> None:
    async with toy.connect("echo") as client:
        await client.send([b"one ", b"two ", b"three"])
        assert await client.recv() == b"one two three"


async def test_a_subprotocol_is_agreed(toy: Toy) -> None:
    async with toy.connect("echo", subprotocols=["one", "two"]) as client:
        assert client.subprotocol == "one"


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 1013, 3000, 4400, 4999])
async def test_a_close_reaches_the_client_with_code_and_reason(toy: Toy, code: int) -> None:
    """Plain Daphne gives no reason, and fails for what is neither 1000 nor from 3000 on."""
    async with toy.connect("close") as client:
        await client.send(json.dumps({"code": code, "reason": "because 😀"}))
        assert await closed(client) == (code, "because 😀")


async def test_a_reason_that_is_too_long_is_cut_between_characters(toy: Toy) -> None:
    async with toy.connect("close") as client:
        await client.send(json.dumps({"code": 4400, "reason": "é" * 100}))
        assert await closed(client) == (4400, "é" * 61)


async def test_an_application_hears_how_its_client_closed(run: Run) -> None:
    toy = run()
    async with toy.connect("echo") as client:
        await client.close(4001, "had enough")
    assert toy.until("disconnect") == "disconnect 4001 had enough"
    async with toy.connect("echo") as client:
        client.transport.abort()
    assert toy.until("disconnect").startswith("disconnect 1006")


@pytest.mark.parametrize("path, ending", [("end", (1000, "")), ("fail", SERVER_ERROR)])
async def test_a_socket_ends_with_its_application(toy: Toy, path: str, ending: tuple[int, str]) -> None:
    async with toy.connect(path) as client:
        await client.send("end")
        assert await closed(client) == ending


@pytest.mark.parametrize("path, status", [("reject", 403), ("fail-early", 500)])
async def test_a_socket_that_was_not_accepted_gets_a_status(toy: Toy, path: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as error:
        async with toy.connect(path):
            pass
    assert error.value.response.status_code == status


async def test_a_failure_is_in_the_log(run: Run) -> None:
    toy = run()
    async with toy.connect("fail") as client:
        await client.send("end")
        await closed(client)
    toy.end()
    assert "server_error: the application of /fail broke" in toy.errors
    assert "RuntimeError: this is what the toy does" in toy.errors


@pytest.mark.parametrize("fragments", [False, True])
async def test_a_message_that_is_too_large_closes_with_1009(toy: Toy, fragments: bool) -> None:
    async with toy.connect("echo") as other, toy.connect("echo") as client:
        part = bytes(5 * 2**20)
        try:
            await client.send([part, part] if fragments else part + part)
        except ConnectionClosed:
            pass  # while it was sending
        assert (await closed(client))[0] == 1009
        await other.send("still here")
        assert await other.recv() == "still here"


async def test_a_message_of_the_limit_passes(toy: Toy) -> None:
    async with toy.connect("echo") as client:
        await client.send(bytes(8 * 2**20))
        assert len(await client.recv()) == 8 * 2**20


async def test_pushed_and_sent_messages_keep_their_order(toy: Toy) -> None:
    async with toy.connect("push") as client:
        for number in range(1000):
            message = await client.recv()
            assert isinstance(message, bytes)
            assert (int.from_bytes(message[:4], "big"), len(message)) == (number, 4 + number * 50)
        await client.send(b"taken")
        assert await client.recv() == b"taken"


async def test_a_client_cannot_choose_the_root_path(toy: Toy) -> None:
    headers = {"Daphne-Root-Path": "/evil", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    async with toy.connect("scope", additional_headers=headers) as client:
        told = json.loads(await client.recv())
    assert told["root_path"] == "" and told["client"][0] == "127.0.0.1" and told["scheme"] == "ws"


async def test_a_proxy_is_believed_where_there_is_one(run: Run) -> None:
    toy = run(proxy_headers=True)
    headers = {"Daphne-Root-Path": "/evil", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    async with toy.connect("scope", additional_headers=headers) as client:
        told = json.loads(await client.recv())
    assert told == {"root_path": "", "client": ["1.2.3.4", 0], "scheme": "wss"}
    status, body = await toy.ask("GET", "scope", None, headers)
    assert status == 200 and json.loads(body) == {"root_path": "", "client": ["1.2.3.4", 0], "scheme": "https"}
