"""WebSockets through the mount: the upgrade, what passes, and how they end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import websockets
from waiting import until
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_live.errors import LiveError
from jupyter_live.mount import Limits
from jupyter_live.mount.websocket import close_all

from .hosting import Host, Hosting


class Echo:
    """Sends back what it gets, and notes how each socket ends."""

    def __init__(self, subprotocol: str | None = None) -> None:
        self.subprotocol = subprotocol
        self.scopes: list[dict[str, Any]] = []
        self.ends: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": self.subprotocol})
        while (message := await receive())["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})
        self.ends.append(message)


async def closed(client: websockets.ClientConnection) -> tuple[int, str]:
    """How the server closes a socket."""
    with pytest.raises(ConnectionClosed):
        while True:
            await client.recv()
    assert client.close_code is not None
    return client.close_code, client.close_reason or ""


async def refused(host: Host) -> tuple[int, str]:
    """With which status and code the server refuses an upgrade."""
    with pytest.raises(InvalidStatus) as caught:
        await websockets.connect(host.ws())
    return caught.value.response.status_code, json.loads(caught.value.response.body)["code"]


async def test_text_and_bytes_pass_in_order(hosting: Hosting) -> None:
    async with hosting(Echo()) as host, websockets.connect(host.ws()) as client:
        sent: list[str | bytes] = ["é🎈", b"\x00\xff", "", b"", b"x" * 70_000]
        for message in sent:
            await client.send(message)
        assert [await client.recv() for _ in sent] == sent


async def test_the_application_is_told_who_asks_for_what(hosting: Hosting) -> None:
    echo = Echo()
    async with hosting(echo) as host:
        async with websockets.connect(
            host.ws("room/a%2Fb%20c", "?token=secret&q=%20"), additional_headers={"X-One": "1"}
        ):
            pass
    (scope,) = echo.scopes
    assert scope["type"] == "websocket" and scope["scheme"] == "ws"
    assert scope["root_path"] == "/user/me" and scope["path"] == "/user/me/api/collaboration/room/a/b c"
    assert scope["raw_path"].endswith(b"/room/a%2Fb%20c") and scope["query_string"].endswith(b"&q=%20")
    assert (b"x-one", b"1") in scope["headers"]
    assert scope["user"].username and scope["user"].display_name
    assert scope["permissions"] == {"read", "write"}


@pytest.mark.parametrize("choice, got", [("second", "second"), (None, None), ("never offered", None)])
async def test_the_application_chooses_the_subprotocol(hosting: Hosting, choice: str | None, got: str | None) -> None:
    echo = Echo(choice)
    async with hosting(echo) as host:
        async with websockets.connect(host.ws(), subprotocols=["first", "second"]) as client:  # type: ignore[list-item]
            assert client.subprotocol == got
    assert echo.scopes[0]["subprotocols"] == ["first", "second"]


async def test_the_applications_code_and_reason_reach_the_client(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4321, "reason": "wrong kind of tea ☕"})

    async with hosting(app) as host, websockets.connect(host.ws()) as client:
        assert await closed(client) == (4321, "wrong kind of tea ☕")


async def test_an_application_that_returns_closes_with_1000(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async with hosting(app) as host, websockets.connect(host.ws()) as client:
        assert await closed(client) == (1000, "")


async def test_a_live_error_closes_with_its_own_code(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        raise LiveError("file_missing", "/secret/path")

    async with hosting(app) as host, websockets.connect(host.ws()) as client:
        code, reason = await closed(client)
    assert code == 4404 and json.loads(reason)["code"] == "file_missing" and "secret" not in reason


async def test_a_crash_closes_with_1011_and_is_logged_and_disturbs_nobody(
    hosting: Hosting, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            if message["text"] == "crash":
                raise ZeroDivisionError("of the test")
            await send({"type": "websocket.send", "text": message["text"]})

    async with hosting(app) as host:
        async with websockets.connect(host.ws()) as stays, websockets.connect(host.ws()) as crashes:
            await crashes.send("crash")
            code, reason = await closed(crashes)
            await stays.send("still here")
            assert await stays.recv() == "still here"
    assert code == 1011 and json.loads(reason)["code"] == "server_error"
    assert "of the test" not in reason
    assert any(record.exc_info and "server_error" in record.getMessage() for record in caplog.records)


async def test_refusals_before_the_upgrade_are_http_errors_with_a_code(hosting: Hosting) -> None:
    async def no(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})

    async def missing(scope: Any, receive: Any, send: Any) -> None:
        raise LiveError("file_missing")

    async def crash(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        pass

    expected = [(no, (403, "forbidden")), (missing, (404, "file_missing")), (crash, (500, "server_error"))]
    for app, answer in [*expected, (silent, (403, "forbidden"))]:
        async with hosting(app) as host:
            assert await refused(host) == answer, app.__name__


async def test_a_plain_request_for_a_socket_is_refused_before_the_application(hosting: Hosting) -> None:
    echo = Echo()
    async with hosting(echo) as host:
        status, _, body = await host.fetch("GET", "room/x")
        assert (status, json.loads(body)["code"]) == (400, "bad_request")
        status, _, body = await host.fetch("POST", "room/x", "{}")
        assert (status, json.loads(body)["code"]) == (405, "bad_request")
    assert not echo.scopes


async def test_the_clients_code_and_reason_reach_the_application(hosting: Hosting) -> None:
    echo = Echo()
    async with hosting(echo) as host:
        async with websockets.connect(host.ws()) as client:
            await client.close(4001, "had enough")
        await until(lambda: echo.ends)
    assert echo.ends[0] == {"type": "websocket.disconnect", "code": 4001, "reason": "had enough"}


async def test_a_client_that_is_cut_off_is_told_to_the_application_as_1006(hosting: Hosting) -> None:
    echo = Echo()
    async with hosting(echo) as host:
        client = await websockets.connect(host.ws())
        client.transport.abort()
        await until(lambda: echo.ends)
    assert echo.ends[0]["code"] == 1006


async def test_sending_to_a_client_that_is_gone_is_an_oserror_and_nobodys_fault(
    hosting: Hosting, caplog: pytest.LogCaptureFixture
) -> None:
    caught: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()  # the end
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except BaseException as error:
            caught.append(error)
            raise

    async with hosting(app) as host:
        async with websockets.connect(host.ws()):
            pass
        await until(lambda: caught)
    assert isinstance(caught[0], OSError)
    assert not [record for record in caplog.records if "server_error" in record.getMessage()]


@pytest.mark.parametrize("fragments", [1, 20])
async def test_a_message_over_the_limit_closes_with_1009(hosting: Hosting, fragments: int) -> None:
    echo = Echo()
    limits = Limits(max_message_size=10_000, inbox_limit=2**16, ping_interval=0)
    async with hosting(echo, limits=limits) as host:
        async with websockets.connect(host.ws()) as stays, websockets.connect(host.ws()) as client:
            await client.send(b"x" * 10_000)
            assert await client.recv() == b"x" * 10_000
            await client.send([b"x" * 1001] * 10 if fragments > 1 else b"x" * 10_001)
            code, _ = await closed(client)
            assert code == 1009
            await until(lambda: echo.ends)
            await stays.send("still here")
            assert await stays.recv() == "still here"


async def test_compression_is_not_negotiated(hosting: Hosting) -> None:
    async with hosting(Echo()) as host, websockets.connect(host.ws(), compression="deflate") as client:
        assert client.request is not None and client.response is not None
        assert "permessage-deflate" in client.request.headers["Sec-WebSocket-Extensions"]
        assert "Sec-WebSocket-Extensions" not in client.response.headers


@pytest.mark.parametrize("first_byte", [0xC2, 0xA2, 0x92, 0x83, 0x8B], ids=hex)
async def test_a_frame_with_reserved_bits_or_opcode_ends_that_socket_only(hosting: Hosting, first_byte: int) -> None:
    """0xC2 has RSV1, the mark of a compressed message."""
    echo = Echo()
    async with hosting(echo) as host, websockets.connect(host.ws()) as stays:
        raw = await host.raw_socket()
        raw.send(0x82, b"fine")
        assert await raw.frame() == (0x2, b"fine")
        raw.send(first_byte, b"not fine")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            while (await raw.frame())[0] == 0x8:  # a close frame may come before the end
                pass
        await until(lambda: echo.ends)
        await stays.send("still here")
        assert await stays.recv() == "still here"
        await raw.close()


async def test_pings_arrive_and_who_does_not_answer_is_let_go(hosting: Hosting) -> None:
    echo = Echo()
    limits = Limits(max_message_size=2**20, inbox_limit=2**16, ping_interval=0.2)
    async with hosting(echo, limits=limits) as host:
        async with websockets.connect(host.ws(), ping_interval=None) as answers:
            silent = await host.raw_socket()
            assert (await silent.frame())[0] == 0x9
            await until(lambda: echo.ends)  # the silent one; the other one answers by itself
            assert echo.ends[0]["code"] == 1006
            await answers.send("still here")
            assert await answers.recv() == "still here"
            await silent.close()


async def test_at_the_end_applications_see_all_that_came_and_clients_get_1012(hosting: Hosting) -> None:
    seen: list[dict[str, Any]] = []
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go_on.wait()
        while (message := await receive())["type"] == "websocket.receive":
            seen.append(message["text"])
        seen.append(message["code"])

    async with hosting(app) as host:
        async with websockets.connect(host.ws()) as client:
            for number in range(3):
                await client.send(str(number))
            await (await client.ping())  # the server has read what came before
            stopping = asyncio.create_task(close_all())
            await asyncio.sleep(0)
            go_on.set()
            code, reason = await closed(client)
            await stopping
    assert seen == ["0", "1", "2", 1012]
    assert code == 1012 and json.loads(reason)["code"] == "restarting"


async def test_an_application_that_does_not_end_cannot_hold_up_the_end(hosting: Hosting) -> None:
    cancelled: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    limits = Limits(max_message_size=2**20, inbox_limit=2**16, ping_interval=0, stop_timeout=0.1)
    async with hosting(app, limits=limits) as host, websockets.connect(host.ws()) as client:
        stopping = asyncio.create_task(close_all())
        assert (await closed(client))[0] == 1012
        await stopping
    assert cancelled
