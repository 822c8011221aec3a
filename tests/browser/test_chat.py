"""Chat in JupyterLab (`jupyterlab-chat`): a chat is a document like others, and its file keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clients.test_jupyterlab_chat import PACKAGE
from companions import companion
from playwright.sync_api import Locator, expect

from jupyter_live.testing import LiveServer

from .conftest import as_lab
from .pages import Person

Come = Callable[..., Person]


@pytest.fixture
def chatting_lab(tmp_path: Path) -> Iterator[LiveServer]:
    beside = companion("jupyterlab-chat", PACKAGE)
    server = LiveServer(tmp_path, python=beside.python, variables=beside.variables)
    with as_lab(server):
        yield server


def open_chat(person: Person, path: str) -> Person:
    person.goto(f"/tree/{path}")
    expect(entry(person)).to_be_visible()
    return person


def entry(person: Person) -> Locator:
    return person.page.locator(".jp-chat-input-textfield textarea").first


def messages(person: Person) -> Locator:
    return person.page.locator(".jp-chat-rendered-message")


def say(person: Person, text: str) -> None:
    entry(person).click()
    entry(person).press_sequentially(text)
    entry(person).press("Enter")


def said(file: Path) -> list[str]:
    try:
        return [message["body"] for message in json.loads(file.read_text())["messages"]]
    except ValueError:
        return []  # it is being written


def test_two_people_chat(chatting_lab: LiveServer, come: Come) -> None:
    file = chatting_lab.work / "talk.chat"
    file.write_text("")
    ada, bob = (open_chat(come(chatting_lab, name), file.name) for name in ("ada-chat", "bob-chat"))
    say(ada, "hello 👋")
    expect(messages(bob)).to_have_text(["hello 👋"])
    say(bob, "hello Ada")
    expect(messages(ada)).to_have_text(["hello 👋", "hello Ada"])
    ada.until(lambda: said(file) == ["hello 👋", "hello Ada"], "the file")
    ada.saved()  # told by our connection, not by the chat's own
    ada.shot("chat")
    chatting_lab.stop()
    chatting_lab.start()
    say(ada, "still here")
    expect(messages(bob)).to_have_text(["hello 👋", "hello Ada", "still here"])
    ada.until(lambda: said(file)[2:] == ["still here"], "the file")
    eve = open_chat(come(chatting_lab, "eve-chat"), file.name)
    expect(messages(eve)).to_have_text(["hello 👋", "hello Ada", "still here"])
    eve.shot("chat")
