"""`jupyterlab-chat` 0.25, whose chats are documents like others; agents in the server write into them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pycrdt
import pytest
from companions import companion
from program_server import ProgramServer
from waiting import until

from jupyter_live.testing import LiveClient

PACKAGE = "jupyterlab-chat>=0.25.3,<0.26"


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProgramServer]:
    server = ProgramServer(tmp_path_factory.mktemp("jupyterlab-chat"), beside=companion("jupyterlab-chat", PACKAGE))
    with server:
        yield server
        assert "Traceback" not in server.log(), server.log()


def message(body: str, sender: str = "ada", **more: Any) -> dict[str, Any]:
    """A message as the front end makes it."""
    return {"id": body, "body": body, "sender": sender, "time": 1.0, "type": "msg", "raw_time": True, **more}


def said(client: LiveClient) -> list[str]:
    return [each["body"] for each in client.doc.get("messages", type=pycrdt.Array)]


def say(client: LiveClient, text: str) -> None:
    client.doc.get("messages", type=pycrdt.Array).append(pycrdt.Map(message(text)))


def chat(server: ProgramServer, name: str, *bodies: str) -> str:
    """Make a chat with these messages; returns its path."""
    content = {"messages": [*map(message, bodies)], "users": {}, "attachments": {}, "metadata": {"id": name}}
    (server.work / f"{name}.chat").write_text(json.dumps(content))
    return f"{name}.chat"


def said_in_file(server: ProgramServer, path: str) -> list[str]:
    try:
        return [each["body"] for each in json.loads((server.work / path).read_text())["messages"]]
    except ValueError:
        return []  # it is being written


def test_it_takes_us_for_what_it_looks_for(chats: ProgramServer) -> None:
    assert "Registered jupyterlab_chat server extension (RTC provider: jupyter_server_ydoc)" in chats.log()


async def test_people_chat_and_the_file_has_it(chats: ProgramServer) -> None:
    path = chat(chats, "people", "first")
    async with LiveClient(chats, path, "text", "chat") as ada, LiveClient(chats, path, "text", "chat") as bob:
        say(ada, "hello 👋")
        await bob.until(lambda: said(bob) == ["first", "hello 👋"])
        say(bob, "hello Ada")
        await ada.until(lambda: said(ada) == ["first", "hello 👋", "hello Ada"])
        await ada.until(lambda: said_in_file(chats, path) == ["first", "hello 👋", "hello Ada"])


async def answer(collaboration: Any, kept: dict[str, Any]) -> Any:
    from jupyterlab_chat.models import NewMessage, User  # type: ignore[import-not-found]

    chat = await collaboration.get_document(room_id=kept["room"], copy=False)
    chat.set_user(User(username="agent", name="Agent", display_name="Agent", bot=True))
    chat.broadcast_writing_status(chat.get_user("agent"), {})
    number = chat.add_message(NewMessage(body="I am thinking", sender="agent"))
    seen = [each.body for each in chat.get_messages()]
    message = chat.get_message(number)
    message.body = ", and done 🎉"
    chat.update_message(message, append=True)
    return {"seen": seen, "path": chat.get_path() if chat.room_id else None}


async def test_an_agent_answers_in_a_live_chat(chats: ProgramServer) -> None:
    path = chat(chats, "agent", "hello agent")
    async with LiveClient(chats, path, "text", "chat") as ada, LiveClient(chats, path, "text", "chat") as bob:
        result = await chats.run(answer, room=ada.room)
        assert result["seen"] == ["hello agent", "I am thinking"]
        for person in (ada, bob):
            await person.until(lambda p=person: said(p) == ["hello agent", "I am thinking, and done 🎉"])  # type: ignore[misc]
        assert ada.doc.get("users", type=pycrdt.Map)["agent"]["bot"] is True
        await ada.until(lambda: any(state and "writers" in state for state in ada.awareness.values()))
        # An agent has the chat open: it sets the time of what browsers write, which may have another clock. Not while
        # something is still to be saved, which the chat takes for a document that is being loaded.
        await ada.until(lambda: ada.state["dirty"] is False)
        say(ada, "thanks")
        await ada.until(lambda: said_in_file(chats, path)[2:] == ["thanks"])
        messages = ada.doc.get("messages", type=pycrdt.Array)
        await ada.until(lambda: messages[2]["time"] > 1.0 and messages[2]["raw_time"] is False)
        await bob.until(lambda: bob.is_saved)


async def test_what_another_program_adds_to_the_file_comes_in(chats: ProgramServer) -> None:
    path = chat(chats, "outside", "one")
    async with LiveClient(chats, path, "text", "chat") as ada:
        chat(chats, "outside", "one", "two")
        await ada.until(lambda: said(ada) == ["one", "two"])
        say(ada, "three")
        await ada.until(lambda: said_in_file(chats, path) == ["one", "two", "three"])


async def listen(collaboration: Any, kept: dict[str, Any]) -> Any:
    manager = collaboration.serverapp.web_app.settings["chat_manager"]
    kept["events"] = []

    async def note(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        kept["events"].append([data["action"], data["path"], data["chat_id"]])

    manager.observe_chats(note)


async def heard(collaboration: Any, kept: dict[str, Any]) -> Any:
    manager = collaboration.serverapp.web_app.settings["chat_manager"]
    chat = manager.get(kept["chat_id"])
    return {"events": kept["events"], "said": chat and [each.body for each in chat.get_messages()]}


async def reply(collaboration: Any, kept: dict[str, Any]) -> Any:
    from jupyterlab_chat.models import NewMessage

    chat = collaboration.serverapp.web_app.settings["chat_manager"].get(kept["chat_id"])
    chat.add_message(NewMessage(body="at your service", sender="agent"))


async def test_its_manager_knows_the_chats_that_are_open(chats: ProgramServer) -> None:
    """Agents (jupyter-ai) listen to it; it listens to our events, and asks for the documents."""
    path = chat(chats, "managed", "one")
    await chats.run(listen, chat_id="managed")
    async with LiveClient(chats, path, "text", "chat") as ada:
        await until_heard(chats, lambda told: told["said"] == ["one"])
        say(ada, "two")
        told = await until_heard(chats, lambda told: told["said"] == ["one", "two"])
        assert ["opened", path, "managed"] in told["events"]
        assert ["client_connected", path, "managed"] in told["events"]
        await chats.run(reply)
        await ada.until(lambda: said(ada) == ["one", "two", "at your service"])
        await ada.until(lambda: said_in_file(chats, path) == ["one", "two", "at your service"])
    told = await until_heard(chats, lambda told: ["closed", path, "managed"] in told["events"])
    assert told["said"] is None


async def until_heard(chats: ProgramServer, condition: Callable[[Any], bool]) -> Any:
    told: list[Any] = []

    async def is_told() -> bool:
        told.append(await chats.run(heard))
        return condition(told[-1])

    await until(is_told)
    return told[-1]
