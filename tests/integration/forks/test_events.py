"""What Jupyter's event system is told, as JupyterLab listens to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets
from rooms.people import equip
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer

from .forking import ForkClient, end, make

BASE = "https://schema.jupyter.org/jupyter_collaboration"

Event = dict[str, Any]


@asynccontextmanager
async def listening(server: LiveServer) -> AsyncIterator[list[Event]]:
    """All events of ours that come, without the time."""
    url = server.url.replace("http", "ws", 1) + f"api/events/subscribe?token={server.token}"
    events: list[Event] = []
    async with websockets.connect(url) as socket:

        async def listen() -> None:
            async for text in socket:
                event = json.loads(text)
                if event["schema_id"].startswith(BASE):
                    events.append(event)

        task = asyncio.create_task(listen())
        yield events
        task.cancel()


def of(events: list[Event], kind: str, *fields: str) -> list[tuple[Any, ...]]:
    """These fields of the events of one kind."""
    return [
        tuple(event.get(field) for field in fields) for event in events if event["schema_id"] == f"{BASE}/{kind}/v1"
    ]


async def test_what_happens_to_a_document_is_told_in_order(tmp_path: Path) -> None:
    equip(tmp_path)
    server = LiveServer(tmp_path, "--LiveApp.save_delay=0.1", "--LiveApp.idle_delay=0.1")
    (server.work / "in").mkdir()
    file = server.work / "in" / "a.txt"
    file.write_text("one\n")
    with server:
        async with listening(server) as events:
            ada = LiveClient(server, "in/a.txt", "text", "file")
            await ada.open(token="ada")
            ada.text.insert(0, "ada\n")
            await ada.until(lambda: ada.is_saved and ("save",) in of(events, "session", "action"))
            file.write_text(file.read_text() + "elsewhere\n")
            await ada.until(lambda: "elsewhere" in str(ada.text) and ("overwrite",) in of(events, "session", "action"))
            await ada.close()
            await until(lambda: ("clean",) in of(events, "session", "action"))
            told = of(events, "session", "action")
            assert [action for (action,) in told if action != "save"] == ["load", "initialize", "overwrite", "clean"]
            assert set(of(events, "session", "room", "path", "level")) == {(ada.room, "in/a.txt", "INFO")}
            assert of(events, "awareness", "roomid", "username", "action") == [
                (ada.room, "ada", "join"),
                (ada.room, "ada", "leave"),
            ]


async def test_a_file_that_cannot_be_saved_is_an_error_and_no_warning(server: LiveServer, text: str) -> None:
    """At a warning JupyterLab tells everybody that the file is open in two ways."""
    async with listening(server) as events, LiveClient(server, text, "text", "file") as ada:
        (server.work / f"{text}.mood").write_text("full")
        ada.text.insert(0, "ada\n")
        await ada.until(lambda: "ERROR" in {level for (level,) in of(events, "session", "level")})
        told = of(events, "session", "level", "path", "action", "msg")
        assert ("ERROR", text, None, "The disk is full. Free some space; saving goes on by itself.") in told
        assert ("save",) not in of(events, "session", "action")
        (server.work / f"{text}.mood").unlink()
        await ada.until(lambda: ("save",) in of(events, "session", "action"))
        assert "WARNING" not in {level for (level,) in of(events, "session", "level")}


async def test_forks_are_told_of(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada, listening(server) as events:
        made = await make(ada, token="ada", synchronize=True, title="try")
        async with ForkClient(ada, made) as bob:
            await end(server, made, merge=True, token="grace")
            await bob.until(lambda: bob.closed)
        await ada.until(lambda: len(of(events, "fork")) == 2)
        info = made["fork_info"]
        assert of(events, "fork", "fork_roomid", "fork_info", "username", "action") == [
            (made["fork_roomid"], info, "ada", "create"),
            (made["fork_roomid"], info, "grace", "delete"),
        ]
        await ada.until(lambda: len(of(events, "awareness")) == 2)
        assert of(events, "awareness", "roomid", "action") == [
            (made["fork_roomid"], "join"),
            (made["fork_roomid"], "leave"),
        ]
        assert made["fork_roomid"] not in {room for (room,) in of(events, "session", "room")}, "it has no file"


async def test_another_package_may_have_made_the_schemas_known(tmp_path: Path) -> None:
    equip(tmp_path)
    extension = tmp_path / "extension"
    extension.mkdir()
    (extension / "early.py").write_text(
        "import jupyter_live.events\n"
        "def _load_jupyter_server_extension(app):\n"
        "    for file in jupyter_live.events.SCHEMAS.values():\n"
        "        app.event_logger.register_event_schema(file)\n"
        "def _jupyter_server_extension_points():\n"
        "    return [{'module': 'early'}]\n"
    )
    config = tmp_path / "config" / "jupyter_server_config.py"
    config.write_text(config.read_text() + f"sys.path.append({str(extension)!r})\n")
    server = LiveServer(tmp_path, "--ServerApp.jpserver_extensions=early=True")
    (server.work / "a.txt").write_text("one\n")
    with server:
        async with listening(server) as events, LiveClient(server, "a.txt", "text", "file") as ada:
            await ada.until(lambda: ("initialize",) in of(events, "session", "action"))
    assert "early | extension was successfully loaded" in server.log()
