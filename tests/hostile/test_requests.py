"""Requests that are not understood, and paths that are hard to write."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

from .server import Calm, code_of

BODIES: dict[str, Any] = {
    "nothing": None,
    "no dictionary": [],
    "a number": 3,
    "null": {"format": None, "type": None},
    "no type": {"format": "text"},
    "no format": {"type": "file"},
    "an empty type": {"format": "text", "type": ""},
    "a list as type": {"format": "text", "type": ["file"]},
    "a number as format": {"format": 1, "type": "file"},
    "a format nobody knows": {"format": "yaml", "type": "file"},
    "a format that does not fit": {"format": "json", "type": "file"},
    "colons": {"format": "text:file", "type": "x:y"},
    "a lone surrogate": {"format": "text", "type": "\ud800"},
}


@pytest.mark.parametrize("title", BODIES)
async def test_a_body_that_makes_no_sense_is_a_bad_request(server: LiveServer, name: str, title: str) -> None:
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        path = f"api/collaboration/session/{name}"
        status, answer = await asyncio.to_thread(server.request, "PUT", path, BODIES[title])
        # The file is open as text, so that whatever else it is to be is refused for that.
        assert (status, answer["code"]) in {
            (400, "bad_request"),
            (400, "unsupported_type"),
            (409, "open_otherwise"),
        }
        await calm.goes_on()


@pytest.mark.parametrize(
    "method, path, expected",
    [
        ("GET", "session/a.txt", (400, "bad_request")),
        ("DELETE", "session/a.txt", (400, "bad_request")),
        ("PUT", "session/", (404, "unknown_endpoint")),
        ("GET", "timeline/never.txt?format=text&&type=file", (404, "unknown_document")),
        ("GET", "timeline/never.txt", (400, "bad_request")),
        ("DELETE", "timeline/never.txt?format=text&type=file", (400, "bad_request")),
        ("GET", "moments/text:file:1", (404, "unknown_document")),
        ("GET", "moments/text:file:1/1", (404, "unknown_moment")),
        ("PUT", "moments/nonsense/1", (404, "unknown_document")),
        ("GET", "moments/text:file:1/-1", (404, "unknown_endpoint")),
        ("GET", "moments/text:file:1/1234567890123456789", (404, "unknown_endpoint")),
        ("PUT", "undo_redo/text:file:1?action=undo&steps=1", (404, "unknown_endpoint")),
        ("DELETE", f"fork/{32 * '0'}?merge=false", (404, "unknown_document")),
        ("GET", "nothing", (404, "unknown_endpoint")),
        ("GET", "room/text:file:1", (400, "bad_request")),
    ],
)
async def test_what_there_is_not_is_said_to_be_missing(
    server: LiveServer, method: str, path: str, expected: tuple[int, str]
) -> None:
    body: Any = None if method == "GET" else {}
    status, answer = await asyncio.to_thread(server.request, method, f"api/collaboration/{path}", body)
    assert isinstance(answer, dict), answer
    assert (status, answer["code"]) == expected and answer["message"] == ERRORS[answer["code"]].message


@pytest.mark.parametrize(
    "room",
    [
        "text:file:no-such-id",
        "text:file:",
        "text",
        "::",
        "a%2Fb",
        "text:file:1%00",
        "x" * 2000,
        "text:file:%F0%9F%8E%88",
    ],
)
async def test_an_unknown_document_closes_with_4404(server: LiveServer, name: str, room: str) -> None:
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        doc_format, doc_type, file_id = ([*room.split(":", 2), "", ""])[:3]
        # (One with notices and a session would be asked for its history first, and its hand-in refused.)
        client = LiveClient(server, "", doc_format, doc_type, live=False)
        client.session = {"fileId": file_id, "sessionId": "any"}
        await client.connect()
        assert code_of(client) == "unknown_document"
        await calm.goes_on()


@pytest.mark.parametrize("session", ["another", "", "x" * 3000, "%F0%9F%8E%88"])
async def test_an_unknown_session_closes_with_1003_and_may_be_reloaded(
    server: LiveServer, name: str, session: str
) -> None:
    """The reason is what @jupyter/docprovider looks for to offer a reload."""
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        client = LiveClient(server, name, "text", "file", live=False)
        client.session = {**calm_client.session, "sessionId": session}
        await client.connect()
        if session:  # without one, as from the plain y-websocket provider, a client is taken as it is
            assert client.closed is not None and client.closed[0] == 1003
            reason = json.loads(client.closed[1])
            assert reason["reason"] == reason["code"] == "unknown_session" and reason["reloadable"] is True
            assert str(client.text) == ""
        else:
            assert client.closed is None and str(client.text) == "calm"
            await client.close()
        await calm.goes_on()


async def test_a_document_of_another_history_reaches_nobody(server: LiveServer, name: str) -> None:
    """Rule 9: what a client with a foreign session sends at once, before it can know, is not merged."""
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        foreign = LiveClient(server, name, "text", "file", live=False)
        foreign.session = {**calm_client.session, "sessionId": "of-a-server-long-gone"}
        foreign.text.insert(0, "calm and much more")
        await foreign.connect()
        assert foreign.closed is not None and foreign.closed[0] == 1003
        await calm.goes_on()


NAMES = [
    "plain.txt",
    "with space.txt",
    "ünïcödé 🎈.txt",
    "per%cent.txt",
    "per%2Fcent.txt",
    "hash#and?question.txt",
    "a+b&c=d;e.txt",
    "colon:s.txt",
    "quote'\"s.txt",
    "line\nbreak.txt",
    "[x](y){z}^$.txt",
]


@pytest.mark.parametrize("file", NAMES)
async def test_both_encodings_of_a_path_name_the_same_document(server: LiveServer, file: str) -> None:
    folder = server.work / "päth with space" / "deeper"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(f"this is {file}")
    path = f"päth with space/deeper/{file}"
    answers = []
    for encoded in (quote(path, safe=""), quote(path)):
        answers.append(
            await asyncio.to_thread(
                server.request, "PUT", f"api/collaboration/session/{encoded}", {"format": "text", "type": "file"}
            )
        )
    (_, slashes_too), (_, slashes_kept) = answers
    assert slashes_too == slashes_kept and slashes_kept["fileId"], answers
    async with LiveClient(server, path, "text", "file") as client:
        assert str(client.text) == f"this is {file}"
        assert client.state["path"] == path
