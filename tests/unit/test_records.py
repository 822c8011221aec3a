"""What log records tell beside their message."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_live.errors import LiveError
from jupyter_live.records import Connection, Ids, JsonFormatter, TextFormatter, about

log = logging.getLogger("jupyter_live.test")


class Kept(logging.Handler):
    """Keeps what either format makes of each record."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(Ids())
        self.lines: list[dict[str, Any]] = []
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = JsonFormatter().format(record)
        assert "\n" not in text
        self.lines.append(json.loads(text))
        self.texts.append(TextFormatter().format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


def ids(line: dict[str, Any]) -> tuple[Any, Any]:
    return line.get("document"), line.get("connection")


def test_a_record_is_one_object(kept: Kept) -> None:
    log.warning("%d things\nhappened", 2)
    assert (
        kept.lines[0].items()
        >= {
            "level": "WARNING",
            "logger": "jupyter_live.test",
            "message": "2 things\nhappened",
        }.items()
    )
    assert kept.lines[0]["time"].endswith("+00:00") and ids(kept.lines[0]) == (None, None)
    assert kept.texts[0].endswith("WARNING jupyter_live.test: 2 things\nhappened")


@pytest.mark.parametrize(
    ("message", "arguments", "code"),
    [
        ("log_failed: nobody knows", (), "log_failed"),
        ("closing the socket of %s: %s", ("ada", LiveError("read_only")), "read_only"),
        ("SIGTERM: no longer listening", (), None),
        ("nothing", (), None),
    ],
)
def test_the_code_of_an_error_is_a_field(
    kept: Kept, message: str, arguments: tuple[object, ...], code: str | None
) -> None:
    log.warning(message, *arguments)
    assert kept.lines[0].get("code") == code


def test_an_exception_is_told(kept: Kept) -> None:
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("server_error: it broke")
    assert "ValueError: why" in kept.lines[0]["exception"] and kept.lines[0]["code"] == "server_error"


def test_what_is_about_a_document_names_it(kept: Kept) -> None:
    with about("text:file:1"):
        log.info("in")
        log.warning("in")
    log.warning("out")
    assert [ids(line) for line in kept.lines] == [("text:file:1", None), (None, None)]
    assert kept.texts[0].endswith(": in [text:file:1]")


async def test_a_connection_is_named_by_its_own_tasks_only(kept: Kept) -> None:
    """What they begin, such as a save, is everybody's."""
    tasks: list[asyncio.Task[None]] = []
    connection = Connection("text:file:1", tasks.__contains__)

    async def say(word: str) -> None:
        log.warning(word)

    async def consume() -> None:
        log.warning("mine")
        await asyncio.create_task(say("everybody's"))
        await asyncio.to_thread(log.warning, "in a thread")

    with connection.inherited():
        tasks.append(asyncio.create_task(consume()))
    await tasks[0]
    told = [(line["message"], *ids(line)) for line in kept.lines]
    assert told == [
        ("mine", "text:file:1", connection.id),
        ("everybody's", "text:file:1", None),
        ("in a thread", "text:file:1", None),
    ]
    assert kept.texts[0].endswith(f"mine [text:file:1 {connection.id}]")


async def test_a_call_from_the_transport_names_it_too(kept: Kept) -> None:
    connection = Connection("text:file:1", lambda task: False)

    def call(word: str) -> None:
        log.warning(word)
        asyncio.get_running_loop().call_soon(log.warning, "begun within")

    connection.run(call, "within")
    log.warning("after")
    await asyncio.sleep(0)
    assert [(line["message"], *ids(line)) for line in kept.lines] == [
        ("within", "text:file:1", connection.id),
        ("after", None, None),
        ("begun within", "text:file:1", None),
    ]


def test_nobody_writes_lines_of_their_own_by_what_they_ask_for(kept: Kept) -> None:
    Connection("text:file:1\nforged\x1b[31m" + "x" * 1000, lambda task: False).run(log.warning, "asked")
    assert "\n" not in kept.texts[0] and "\x1b" not in kept.texts[0] and len(kept.texts[0]) < 400
