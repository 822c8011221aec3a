"""Files that cannot be opened together: one clear error each, as HTTP answer, close code and log line."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

from .server import MAX_FILE_SIZE, Calm, code_of

NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _json(value: Any) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps(value))


def _bytes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _deep(path: Path) -> None:
    path.write_text('{"cells": [], "metadata": {"a": ' + "[" * 30_000 + "]" * 30_000 + '}, "nbformat": 4, "x": 5}')


FILES: dict[str, tuple[str, str, Callable[[Path], object], str]] = {
    "a notebook that is missing": ("m.ipynb", "json:notebook", lambda path: None, "file_missing"),
    "a text that is missing": ("m.txt", "text:file", lambda path: None, "file_missing"),
    "a folder": ("d", "text:file", lambda path: path.mkdir(), "is_directory"),
    "a folder as notebook": ("d.ipynb", "json:notebook", lambda path: path.mkdir(), "is_directory"),
    "no JSON": ("n.ipynb", "json:notebook", _bytes(b"not json {"), "invalid_notebook"),
    "JSON that is cut off": (
        "n.ipynb",
        "json:notebook",
        _bytes(b'{"cells": ['),
        "invalid_notebook",
    ),
    "an empty notebook file": ("n.ipynb", "json:notebook", _bytes(b""), "invalid_notebook"),
    "a list as notebook": ("n.ipynb", "json:notebook", _json([1, 2]), "invalid_notebook"),
    "a number as notebook": ("n.ipynb", "json:notebook", _json(4), "invalid_notebook"),
    "JSON that is no notebook": ("n.ipynb", "json:notebook", _json({"a": 1}), "invalid_notebook"),
    "a notebook of the future": ("n.ipynb", "json:notebook", _json(NOTEBOOK | {"nbformat": 99}), "invalid_notebook"),
    "cells that are no list": ("n.ipynb", "json:notebook", _json(NOTEBOOK | {"cells": 3}), "invalid_notebook"),
    "cells that are no cells": ("n.ipynb", "json:notebook", _json(NOTEBOOK | {"cells": [3]}), "invalid_notebook"),
    "metadata that is a number": (
        "n.ipynb",
        "json:notebook",
        _json(NOTEBOOK | {"metadata": 3}),
        "invalid_notebook",
    ),
    "a notebook nested too deep": ("n.ipynb", "json:notebook", _deep, "invalid_notebook"),
    "a notebook that is not UTF-8": ("n.ipynb", "json:notebook", _bytes(b'{"cells": "\xff\xfe"}'), "not_utf8"),
    "a text that is not UTF-8": ("t.txt", "text:file", _bytes(b"caf\xe9"), "not_utf8"),
    "an image as text": ("t.png", "text:file", _bytes(b"\x89PNG\r\n\x1a\n\x00\x00"), "not_utf8"),
    "a text as notebook": ("t.txt", "json:notebook", _bytes(b"hello"), "invalid_notebook"),
    "a text too large": ("t.txt", "text:file", _bytes(b"x" * (MAX_FILE_SIZE + 1)), "file_too_large"),
    "a notebook too large": (
        "n.ipynb",
        "json:notebook",
        _json(NOTEBOOK | {"metadata": {"x": "x" * MAX_FILE_SIZE}}),
        "file_too_large",
    ),
    "a format nobody knows": ("t.txt", "yaml:file", _bytes(b"hello"), "unsupported_type"),
    "a notebook by another format": ("n.ipynb", "text:notebook", _json(NOTEBOOK), "unsupported_type"),
    "a type nobody knows": ("t.txt", "text:spreadsheet", _bytes(b"hello"), "unsupported_type"),
    "a hidden file": (".hidden.txt", "text:file", _bytes(b"hello"), "file_missing"),
}


@pytest.mark.parametrize("title", FILES)
async def test_it_is_refused_with_its_code_everywhere(server: LiveServer, name: str, title: str) -> None:
    file, shape, make, code = FILES[title]
    doc_format, doc_type = shape.split(":")
    folder = server.work / f"folder of {name}"
    folder.mkdir()
    make(folder / file)
    path = f"{folder.name}/{file}"
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        seen = len(server.log())
        status, answer = await asyncio.to_thread(server.session, path, doc_format, doc_type)
        assert (status, answer.get("code")) == (ERRORS[code].status, code)
        assert answer["message"] == ERRORS[code].message
        assert f"{code}: " in server.log()[seen:]
        # A client that knows the file's id goes straight to the socket.
        client = LiveClient(server, path, doc_format, doc_type, live=False)
        client.session = {"fileId": await asyncio.to_thread(file_id, server, path), "sessionId": "any"}
        await client.connect()
        assert code_of(client) == code
        assert client.latest("hello") == {}
        await calm.goes_on()


def file_id(server: LiveServer, path: str) -> str:
    """The id that a file has got, although it could not be opened."""
    connection = sqlite3.connect(server.home / "data" / "file_id_manager.db")
    try:
        (found,) = connection.execute("SELECT id FROM Files WHERE path LIKE ?", [f"%{path}"]).fetchone()
    finally:
        connection.close()
    assert isinstance(found, str)
    return found


async def test_what_could_not_be_opened_opens_once_it_is_mended(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.ipynb"
    file.write_text("broken")
    status, answer = await asyncio.to_thread(server.session, file.name)
    assert answer["code"] == "invalid_notebook"
    file.write_text(json.dumps(NOTEBOOK))
    async with LiveClient(server, file.name) as client:
        assert len(client.cells) == 1


REFUSALS = "file_missing", "forbidden", "bad_request", "unknown_document"


@pytest.mark.parametrize("path", ["../secret.txt", "a/../../secret.txt", "..%2fsecret.txt", "/etc/passwd", "\x00.txt"])
async def test_nothing_outside_the_folder_can_be_opened(server: LiveServer, path: str) -> None:
    (server.home / "secret.txt").write_text("secret")
    status, answer = await asyncio.to_thread(server.session, path, "text", "file")
    assert status in (400, 403, 404) and answer["code"] in REFUSALS, answer
