"""HTTP requests through the mount."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from http.client import IncompleteRead
from typing import Any

import pytest
from waiting import until

from jupyter_live.errors import LiveError

from .hosting import Hosting


async def test_method_path_query_and_body_reach_the_application(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        answer = {
            "method": scope["method"],
            "path": scope["path"],
            "root": scope["root_path"],
            "raw": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "body": message["body"].decode(),
            "more": message["more_body"],
        }
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async with hosting(app) as host:
        status, headers, body = await host.fetch("PUT", "session/a%2Fb.txt?x=1&y=%20", '{"é": 1}')
    assert status == 201 and headers["content-type"] == ["application/json"]
    assert json.loads(body) == {
        "method": "PUT",
        "path": "/user/me/api/collaboration/session/a/b.txt",
        "root": "/user/me",
        "raw": "/user/me/api/collaboration/session/a%2Fb.txt",
        "query": "x=1&y=%20",
        "body": '{"é": 1}',
        "more": False,
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
async def test_every_method_is_the_applications(hosting: Hosting, method: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": scope["method"].encode()})

    async with hosting(app) as host:
        status, _, body = await host.fetch(method, "any")
    assert (status, body) == (200, method.encode())


async def test_a_header_may_come_twice(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"x-twice", b"one"), (b"x-twice", b"two"), (b"content-type", b"text/css")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    async with hosting(app) as host:
        _, headers, _ = await host.fetch("GET", "any")
    assert headers["x-twice"] == ["one", "two"] and headers["content-type"] == ["text/css"]


async def test_a_response_streams(hosting: Hosting) -> None:
    """The second part is sent only when the client has the first."""
    has_first = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await has_first.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async with hosting(app) as host:
        connection = await asyncio.to_thread(host.request, "GET", "any")
        response = await asyncio.to_thread(connection.getresponse)
        assert await asyncio.to_thread(response.read, 5) == b"first"
        has_first.set()
        assert await asyncio.to_thread(response.read) == b"second"
        connection.close()


async def test_the_application_hears_when_the_client_goes(hosting: Hosting) -> None:
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        heard.append("request")
        heard.append((await receive())["type"])
        try:
            await send({"type": "http.response.start", "status": 200})
        except OSError:
            heard.append("OSError")

    async with hosting(app) as host:
        connection = await asyncio.to_thread(host.request, "GET", "any")
        await until(lambda: heard)
        connection.close()
        await until(lambda: len(heard) == 3)
    assert heard == ["request", "http.disconnect", "OSError"]


async def test_a_live_error_is_answered_with_status_and_code(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LiveError("file_too_large", "/secret/path")

    async with hosting(app) as host:
        status, headers, body = await host.fetch("PUT", "any", "{}")
    assert status == 413 and headers["content-type"] == ["application/json"]
    assert json.loads(body) == LiveError("file_too_large").body()


async def test_a_crash_is_a_500_with_a_code_and_logged(hosting: Hosting, capfd: pytest.CaptureFixture[str]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("of the test")

    async with hosting(app) as host:
        status, _, body = await host.fetch("GET", "any")
    assert status == 500 and json.loads(body)["code"] == "server_error" and b"of the test" not in body
    assert "of the test" in capfd.readouterr().err


async def test_an_application_that_says_nothing_is_a_500(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    async with hosting(app) as host:
        status, _, body = await host.fetch("GET", "any")
    assert status == 500 and json.loads(body)["code"] == "server_error"


async def test_a_response_that_breaks_off_does_not_look_whole(hosting: Hosting) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        raise ZeroDivisionError("of the test")

    async with hosting(app) as host:
        connection = await asyncio.to_thread(host.request, "GET", "any")
        response = await asyncio.to_thread(connection.getresponse)
        with pytest.raises((IncompleteRead, ConnectionError)):
            await asyncio.to_thread(response.read)
        connection.close()


def test_the_mount_knows_nothing_of_django_or_documents() -> None:
    code = "import sys, jupyter_live.mount; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "jupyter_live.mount.websocket" in loaded
    roots = {name.split(".")[0] for name in loaded}
    assert not roots & {"django", "channels", "pycrdt", "jupyter_ydoc"}
    ours = {name for name in loaded if name.startswith("jupyter_live.")}
    mount = {name for name in ours if name.startswith("jupyter_live.mount")}
    assert ours - mount == {
        "jupyter_live.errors",
        "jupyter_live.flag",
        "jupyter_live.ids",
        "jupyter_live.asgitypes",
        "jupyter_live.push",
    }
