"""`get_document(copy=False)`: what a program in the server does to a document, and what it sees of others."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pycrdt
import pytest
from program_server import ProgramServer
from waiting import until

from jupyter_live.testing import LiveClient


def notebook(server: ProgramServer, *sources: str) -> str:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for n, s in enumerate(sources)
    ]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (server.work / "nb.ipynb").write_text(json.dumps(content))
    return "nb.ipynb"


def on_disk(server: ProgramServer) -> list[Any] | None:
    try:
        content: dict[str, Any] = json.loads((server.work / "nb.ipynb").read_text())
    except ValueError:  # Jupyter writes in place
        return None
    return ["".join(cell["source"]) for cell in content["cells"]]


def write(source: pycrdt.Text, text: str) -> None:
    source += text


async def open_live(collaboration: Any, kept: dict[str, Any]) -> Any:
    kept["doc"] = await collaboration.get_document(
        path="nb.ipynb", content_type="notebook", file_format="json", copy=False, create=True
    )
    return [str(cell["source"]) for cell in kept["doc"].ycells]


async def sources(collaboration: Any, kept: dict[str, Any]) -> Any:
    return [str(cell["source"]) for cell in kept["doc"].ycells]


async def append(collaboration: Any, kept: dict[str, Any]) -> Any:
    source = kept["doc"].ycells[0]["source"]
    source += kept["text"]


async def test_both_see_what_the_other_does_and_the_file_has_it(server: ProgramServer) -> None:
    path = notebook(server, "a", "b")
    async with LiveClient(server, path) as person:
        assert await server.run(open_live) == ["a", "b"]
        await server.run(append, text="🦉1")
        await person.until(lambda: person.sources == ["a🦉1", "b"])
        write(person.cells[1]["source"], "2")
        await person.until(lambda: person.is_saved)
        assert await server.run(sources) == ["a🦉1", "b2"]
        await person.until(lambda: on_disk(server) == ["a🦉1", "b2"])


async def test_its_model_is_the_same_for_all_programs(server: ProgramServer) -> None:
    notebook(server, "a")

    file_id = server.session("nb.ipynb")[1]["fileId"]

    async def same(collaboration: Any, kept: dict[str, Any]) -> Any:
        by_path = {"path": "nb.ipynb", "content_type": "notebook", "file_format": "json"}
        one = await collaboration.get_document(**by_path, copy=False, create=True)
        two = await collaboration.get_document(**by_path, copy=False)
        rooms = collaboration.ywebsocket_server
        assert rooms.room_exists(kept["room_id"])
        room = await rooms.get_room(kept["room_id"])
        return [one is two, room._document is one, room.awareness is one.awareness]

    assert await server.run(same, room_id=f"json:notebook:{file_id}") == [True, True, True]


async def test_a_copy_is_nobody_elses(server: ProgramServer) -> None:
    path = notebook(server, "a")

    async def edit_copy(collaboration: Any, kept: dict[str, Any]) -> Any:
        by_path = {"path": "nb.ipynb", "content_type": "notebook", "file_format": "json"}
        copy = await collaboration.get_document(**by_path)
        source = copy.ycells[0]["source"]
        source += "copied"
        members = collaboration.host._rooms.get(kept["room"]).members
        return [[str(cell["source"]) for cell in copy.ycells], len(members)]

    async with LiveClient(server, path) as person:
        assert await server.run(edit_copy, room=person.room) == [["acopied"], 1]
        write(person.cells[0]["source"], "1")
        await person.until(lambda: person.is_saved)
        assert on_disk(server) == ["a1"]


async def test_what_is_not_open_is_not_opened_unasked(server: ProgramServer) -> None:
    notebook(server, "a")

    async def look(collaboration: Any, kept: dict[str, Any]) -> Any:
        found = await collaboration.get_document(path="nb.ipynb", content_type="notebook", file_format="json")
        rooms = collaboration.ywebsocket_server
        try:
            await rooms.get_room("json:notebook:nothing")
        except LookupError as error:
            return [found is None, rooms.room_exists("json:notebook:nothing"), str(error)]

    assert await server.run(look) == [True, False, "json:notebook:nothing is not open"]


@pytest.mark.parametrize("given", [{}, {"path": "nb.ipynb"}, {"room_id": "json:notebook:1", "path": "nb.ipynb"}])
async def test_it_must_be_told_which_document(server: ProgramServer, given: dict[str, str]) -> None:
    async def ask(collaboration: Any, kept: dict[str, Any]) -> Any:
        try:
            await collaboration.get_document(**kept["given"])
        except ValueError as error:
            return str(error)

    told = await server.run(ask, given=given)
    assert told == "give either room_id, or path, content_type and file_format"


async def test_a_change_to_a_closed_document_opens_it_again(server: ProgramServer) -> None:
    """As a long cell's outputs do, hours after the last browser was closed."""
    path = notebook(server, "a", "b")
    async with LiveClient(server, path) as person:
        await server.run(open_live)
        room = person.room
    await _closed(server, room)
    await server.run(append, text="1")
    await until(lambda: on_disk(server) == ["a1", "b"])
    async with LiveClient(server, path) as person:
        assert person.sources == ["a1", "b"]
        await server.run(append, text="2")
        await person.until(lambda: person.sources == ["a12", "b"])


async def test_it_sees_what_others_do_when_the_document_is_opened_again(server: ProgramServer) -> None:
    path = notebook(server, "a")
    async with LiveClient(server, path) as person:
        await server.run(open_live)
        room = person.room
    await _closed(server, room)
    async with LiveClient(server, path) as person:
        write(person.cells[0]["source"], "1")
        await person.until(lambda: person.is_logged)
        assert await server.run(sources) == ["a1"]


async def test_nothing_is_lost_when_the_file_was_changed_meanwhile(server: ProgramServer) -> None:
    """The document has another epoch then; what the program does is merged into it, again and again."""
    path = notebook(server, "a", "b")
    async with LiveClient(server, path) as person:
        await server.run(open_live)
        room, epoch = person.room, person.session["sessionId"]
    await _closed(server, room)
    notebook(server, "a", "changed outside")
    await server.run(append, text="1")
    await until(lambda: on_disk(server) == ["a1", "changed outside"])
    async with LiveClient(server, path) as person:
        assert person.session["sessionId"] != epoch
        await server.run(append, text="2")
        await person.until(lambda: person.sources == ["a12", "changed outside"])
        assert await server.run(open_live) == ["a12", "changed outside"]


async def test_it_is_in_a_room_once_after_that_was_opened_anew(server: ProgramServer) -> None:
    """Everybody is sent away, as when another server takes the file; the program changes something at that moment."""
    path = notebook(server, "a")

    async def retire(collaboration: Any, kept: dict[str, Any]) -> Any:
        collaboration.host._rooms.get(kept["room"]).retire()
        source = kept["doc"].ycells[0]["source"]
        source += "1"

    async def members(collaboration: Any, kept: dict[str, Any]) -> Any:
        room = collaboration.host._rooms.get(kept["room"])
        return room and [member.is_program for member in room.members]

    async with LiveClient(server, path) as person:
        await server.run(open_live)
        room = person.room
        await server.run(retire, room=room)
        await until(lambda: on_disk(server) == ["a1"])
    async with LiveClient(server, path) as person:
        assert person.sources == ["a1"]
        await server.run(append, text="2")
        await person.until(lambda: person.sources == ["a12"])
        assert sorted(await server.run(members, room=room)) == [False, True]


async def test_a_transaction_that_is_held_open_takes_in_what_others_do(server: ProgramServer) -> None:
    path = notebook(server, "a", "b")

    async def hold(collaboration: Any, kept: dict[str, Any]) -> Any:
        import asyncio

        doc = kept["doc"]
        with doc.ydoc.transaction():
            source = doc.ycells[0]["source"]
            source += "1"
            for _ in range(500):
                if str(doc.ycells[1]["source"]) != "b":
                    break
                await asyncio.sleep(0.01)
            source += "2"
        return [str(cell["source"]) for cell in doc.ycells]

    async with LiveClient(server, path) as person:
        await server.run(open_live)
        holding = asyncio.create_task(server.run(hold))
        await asyncio.sleep(0.2)
        write(person.cells[1]["source"], "!")
        assert await holding == ["a12", "b!"]
        await person.until(lambda: person.sources == ["a12", "b!"])


async def _closed(server: ProgramServer, room: str) -> None:
    async def is_open(collaboration: Any, kept: dict[str, Any]) -> Any:
        return collaboration.ywebsocket_server.room_exists(kept["room"])

    async def is_closed() -> bool:
        return not await server.run(is_open, room=room)

    await until(is_closed, "the document stays open")
