"""Events of jupyter-collaboration: the contract of their schemas, and how they are told."""

from typing import Any

import pytest
from jupyter_events import EventLogger
from waiting import until

from jupyter_live import events
from jupyter_live.events import AWARENESS, FORK, SESSION, Events, register
from jupyter_live.ids import DocumentName, Epoch, Fork
from jupyter_live.listening import Happening, What

NAME = DocumentName("text", "file", "id")
FORK_NAME = DocumentName("text", "file", "0" * 32)


@pytest.fixture
def logger() -> EventLogger:
    logger = EventLogger()
    register(logger)
    return logger


def heard(logger: EventLogger) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []

    async def listen(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        found.append((schema_id.split("/")[-2], data))

    for schema in (SESSION, AWARENESS, FORK):
        logger.add_listener(schema_id=schema, listener=listen)
    return found


@pytest.mark.parametrize(
    "schema, required, words",
    [
        (
            SESSION,
            {"level", "room", "path"},
            {
                "level": ["INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"],
                "action": ["initialize", "load", "save", "overwrite", "clean"],
            },
        ),
        (AWARENESS, {"roomid", "username", "action"}, {"action": ["join", "leave"]}),
        (FORK, {"fork_roomid", "fork_info", "username", "action"}, {"action": ["create", "delete"]}),
    ],
)
def test_the_schemas_are_those_of_jupyter_collaboration_5(
    logger: EventLogger, schema: str, required: set[str], words: dict[str, list[str]]
) -> None:
    known = logger.schemas.get(schema)
    assert str(known.version) == "1"
    assert set(known._schema["required"]) == required
    assert {name: known._schema["properties"][name]["enum"] for name in words} == words


def test_schemas_that_are_known_already_are_left_alone(logger: EventLogger) -> None:
    register(logger)


async def test_every_happening_is_a_valid_event(logger: EventLogger) -> None:
    found = heard(logger)
    telling = Events(logger, lambda file_id: None)
    fork = Fork(FORK_NAME.id, NAME.id, Epoch("e"), True, "title", "")
    for what in What:
        telling.hear(Happening(what, NAME, "a.txt", "ada", "no space", fork if "FORK" in what.name else None))
    await until(lambda: len(found) == 10)
    assert [kind for kind, _ in found] == 6 * ["session"] + 2 * ["awareness"] + 2 * ["fork"]


async def test_of_what_has_no_path_no_session_is_told(logger: EventLogger) -> None:
    found = heard(logger)
    telling = Events(logger, {"id": "there.txt"}.get)
    telling.hear(Happening(What.OPENED, FORK_NAME))
    telling.hear(Happening(What.OPENED, DocumentName("text", "file", "unknown")))
    telling.hear(Happening(What.SAVED, NAME))
    await until(lambda: found)
    await telling.close()
    assert [(kind, data["path"], data["action"]) for kind, data in found] == [("session", "there.txt", "save")]


async def test_of_too_many_at_once_the_oldest_are_not_told(
    logger: EventLogger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(events, "WAITING", 3)
    found = heard(logger)
    telling = Events(logger, lambda file_id: None)
    for number in range(10):
        telling.hear(Happening(What.JOINED, NAME, who=str(number)))
    await telling.close()
    await until(lambda: len(found) == 3)
    assert [data["username"] for _, data in found] == ["7", "8", "9"] and "7 events were not told" in caplog.text


async def test_one_that_cannot_be_told_does_not_keep_the_others(
    logger: EventLogger, caplog: pytest.LogCaptureFixture
) -> None:
    found = heard(logger)
    telling = Events(logger, lambda file_id: None)
    telling.hear(Happening(What.JOINED, NAME, who=None))  # type: ignore[arg-type]
    telling.hear(Happening(What.JOINED, NAME, who="ada"))
    await telling.close()
    await until(lambda: found)
    assert [data["username"] for _, data in found] == ["ada"] and "could not be told" in caplog.text


async def test_nobody_is_kept_out_by_what_cannot_be_told(logger: EventLogger, caplog: pytest.LogCaptureFixture) -> None:
    def find(file_id: str) -> str | None:
        raise OSError("the database of file ids is locked")

    Events(logger, find).hear(Happening(What.OPENED, NAME))
    assert "cannot be told" in caplog.text
