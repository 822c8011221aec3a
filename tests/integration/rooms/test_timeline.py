"""The timeline of a document: what it was before, who made it so, and how it becomes that again."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, sources, write
from .people import equip

Moment = dict[str, Any]

QUICK = "--LiveApp.save_delay=0.1", "--LiveApp.save_delay_max=0.5"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LiveServer]:
    """A server that a test may kill."""
    equip(tmp_path)
    with LiveServer(tmp_path, *QUICK) as server:
        yield server


@asynccontextmanager
async def person(name: str, server: LiveServer, *file: str) -> AsyncIterator[LiveClient]:
    """Somebody whom the server knows, on a document."""
    client = await LiveClient(server, *file).open(token=name)
    try:
        yield client
    finally:
        await client.close()


def of_text(server: LiveServer, path: str) -> list[Moment]:
    status, told = server.timeline(path, "text", "file")
    assert status == 200, told
    assert told["timestamps"] == [moment["at"] for moment in told["moments"]] and told["forkRoom"] == ""
    moments: list[Moment] = told["moments"]
    return moments


def contents(server: LiveServer, room: str, moments: list[Moment]) -> list[Any]:
    found = []
    for moment in moments:
        status, told = server.moment(room, moment["id"])
        assert status == 200 and {key: told[key] for key in moment} == moment
        found.append(told["model"]["content"])
    return found


def names(moment: Moment) -> list[str]:
    return [author["username"] for author in moment["authors"]]


async def test_who_looks_makes_no_moment(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        assert (await ada.save())["status"] == "skipped"
        assert of_text(quick, text) == []
    assert of_text(quick, text) == []


async def test_a_session_of_edits_is_a_moment_and_what_was_before_is_one(quick: LiveServer, text: str) -> None:
    async with person("ada", quick, text, "text", "file") as ada:
        room = ada.room
        for letter in "three\n":
            ada.text.insert(len(str(ada.text)), letter)
            await asyncio.sleep(0.02)
        await ada.until(lambda: ada.is_saved)
        assert [names(moment) for moment in await told(ada, quick, text, 1, "text", "file")] == [[]], "she may go on"
    await until(lambda: len(of_text(quick, text)) == 2)
    before, after = of_text(quick, text)
    assert contents(quick, room, [before, after]) == ["one\ntwo\n", "one\ntwo\nthree\n"]
    assert names(before) == [] and names(after) == ["ada"]
    assert after["authors"][0]["name"] == "Ada the First" and after["authors"][0]["color"]
    assert (after["added"], after["removed"], after["restored"]) == (1, 0, None)
    assert before["at"] <= after["at"]


async def test_whoever_goes_on_begins_a_moment_of_their_own(quick: LiveServer, text: str) -> None:
    async with (
        person("ada", quick, text, "text", "file") as ada,
        person("grace", quick, text, "text", "file") as grace,
    ):
        room = ada.room
        for n in range(3):
            ada.text.insert(0, f"ada {n}\n")
            await ada.until(lambda: ada.is_saved)
            await grace.until(lambda n=n: str(grace.text).startswith(f"ada {n}"))  # type: ignore[misc]
            grace.text.insert(0, f"grace {n}\n")
            await grace.until(lambda: grace.is_saved)
            await ada.until(lambda n=n: str(ada.text).startswith(f"grace {n}"))  # type: ignore[misc]
        assert (await ada.save())["status"] == "skipped"
        await ada.until(lambda: len(of_text(quick, text)) == 4)
        moments = of_text(quick, text)
        assert [names(moment) for moment in moments] == [[], ["ada"], ["grace"], ["ada", "grace"]]
        first, *_, last = contents(quick, room, moments)
        assert first == "one\ntwo\n" and last == str(ada.text)
        ids = [moment["id"] for moment in moments]
        await ada.until(lambda: [each["id"] for each in ada.notices if each["type"] == "moment"] == ids)


async def test_it_outlives_a_restart_and_a_death_of_the_server(own: LiveServer) -> None:
    file = own.work / "a.txt"
    file.write_text("1\n")
    async with person("ada", own, "a.txt", "text", "file") as ada:
        ada.text.insert(2, "2\n")
        await ada.save()
        await ada.until(lambda: len(of_text(own, "a.txt")) == 2)
        kept = of_text(own, "a.txt")
        ada.text.insert(4, "3\n")
        await ada.until(lambda: ada.is_logged)
        await asyncio.to_thread(own.stop, signal.SIGKILL)
    await asyncio.to_thread(own.start)
    assert of_text(own, "a.txt") == kept
    async with person("grace", own, "a.txt", "text", "file") as grace:
        await grace.until(lambda: len(of_text(own, "a.txt")) == 3)
        left = of_text(own, "a.txt")[2]
        assert left["authors"] == kept[1]["authors"], "nobody tells whose it is but the log"
        assert contents(own, grace.room, [left]) == ["1\n2\n3\n"]
    await asyncio.to_thread(own.stop)
    await asyncio.to_thread(own.start)
    assert of_text(own, "a.txt")[:2] == kept and len(of_text(own, "a.txt")) == 3


async def test_what_another_program_writes_is_a_moment_and_so_is_what_was_before(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    file.write_text("one\ntwo\n")
    async with person("ada", lazy, file.name, "text", "file") as ada:
        ada.text.insert(0, "zero\n")
        await ada.until(lambda: ada.is_logged)
        file.write_text("one\ntwo\nthree\n")
        await ada.until(lambda: str(ada.text) == "zero\none\ntwo\nthree\n")
        await ada.save()
        await ada.until(lambda: len(of_text(lazy, file.name)) == 3)
        moments = of_text(lazy, file.name)
        told = contents(lazy, ada.room, moments)
        assert told == ["one\ntwo\n", "zero\none\ntwo\n", "zero\none\ntwo\nthree\n"]
        assert [names(moment) for moment in moments] == [[], ["ada"], ["file"]]


async def test_what_was_written_while_nobody_had_it_open_is_a_moment(own: LiveServer) -> None:
    file = own.work / "a.txt"
    file.write_text("one\ntwo\n")
    async with person("ada", own, "a.txt", "text", "file") as ada:
        ada.text.insert(0, "zero\n")
        await ada.until(lambda: ada.is_saved)
    await asyncio.to_thread(own.stop)
    file.write_text("zero\none\ntwo\nthree\n")
    await asyncio.to_thread(own.start)
    async with person("grace", own, "a.txt", "text", "file") as grace:
        moments = await told(grace, own, "a.txt", 3, "text", "file")
        assert [names(moment) for moment in moments] == [[], ["ada"], ["file"]]
        assert contents(own, grace.room, moments)[1:] == ["zero\none\ntwo\n", file.read_text()]


async def test_restoring_is_made_of_edits_and_can_be_undone(quick: LiveServer, notebook: str) -> None:
    write(quick.work / notebook, code("a = 1", "first"), code("b = 2", "second"), code("c = 3", "third"))
    async with (
        person("ada", quick, notebook) as ada,
        person("grace", quick, notebook) as grace,
    ):
        undo = pycrdt.UndoManager(scopes=[ada.cells])
        cell = ada.cells[0]
        cell["source"].insert(5, "0")
        del ada.cells[1]
        await ada.save()
        moments = await told(ada, quick, notebook, 2)
        status, answer = await asyncio.to_thread(quick.restore, ada.room, moments[0]["id"], token="grace")
        expected = {"before": moments[1]["id"], "changed": 2, "conflicts": [], "saved": True}
        assert status == 200 and answer == expected
        await ada.until(lambda: ada.sources == ["a = 1", "b = 2", "c = 3"])
        assert cell["source"] is not None and str(cell["source"]) == "a = 1", "the cell is the one it was"
        assert sources(quick.work / notebook) == ["a = 1", "b = 2", "c = 3"]
        moments = await told(ada, quick, notebook, 3)
        assert names(moments[2]) == ["grace"] and moments[2]["restored"] == moments[0]["at"]
        status, answer = await asyncio.to_thread(quick.restore, ada.room, moments[1]["id"])
        assert status == 200 and answer["changed"] == 2
        await grace.until(lambda: grace.sources == ["a = 10", "c = 3"])
        again = await asyncio.to_thread(quick.restore, ada.room, moments[1]["id"])
        newest = (await told(ada, quick, notebook, 4))[-1]["id"]
        assert again == (200, {"before": newest, "changed": 0, "conflicts": [], "saved": True})
        assert undo.can_undo()


async def test_outputs_come_back(quick: LiveServer, notebook: str) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "hello\n"}
    write(quick.work / notebook, code("print('hello')", "first", [output]))
    async with LiveClient(quick, notebook) as ada:
        del ada.cells[0]["outputs"][0]
        await ada.save()
        before, _ = await told(ada, quick, notebook, 2)
        await asyncio.to_thread(quick.restore, ada.room, before["id"])
        await ada.until(lambda: len(ada.cells[0]["outputs"]) == 1)
        assert json.loads((quick.work / notebook).read_text())["cells"][0]["outputs"][0]["text"] == ["hello\n"]


async def test_what_is_typed_while_it_is_restored_stays(quick: LiveServer, text: str) -> None:
    (quick.work / text).write_text("".join(f"line {n}\n" for n in range(200)))
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, text, "text", "file") as grace:
        del ada.text[: len("line 0\n") * 5]
        await ada.save()
        first, second = await told(ada, quick, text, 2, "text", "file")
        typed: list[str] = []
        for number in range(6):
            moment = [first, second][number % 2]
            restoring = asyncio.create_task(asyncio.to_thread(quick.restore, ada.room, moment["id"]))
            while not restoring.done():
                typed.append(f"[{len(typed)}]")
                grace.text.insert(len(str(grace.text)), typed[-1])
                await asyncio.sleep(0.005)
            assert (await restoring)[0] == 200
        await grace.until(lambda: grace.is_saved)
        await ada.until(lambda: str(ada.text) == str(grace.text))
        # What was typed before a restore is not in what is restored; what is typed meanwhile stays.
        assert str(grace.text).startswith("line 5\n") and len(typed) >= 6
        assert (quick.work / text).read_text() == str(grace.text)
        every = "".join([*contents(quick, ada.room, of_text(quick, text)), str(ada.text)])
        assert [what for what in typed if what not in every] == [], "nothing of it is lost"


async def test_a_viewer_may_look_and_not_restore(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        ada.text.insert(0, "zero\n")
        await ada.save()
        before, _ = await told(ada, quick, text, 2, "text", "file")
        viewer = {"Authorization": "token viewer"}
        path = f"api/collaboration/moments/{ada.room}"
        assert quick.request("GET", path, headers=viewer)[0] == 200
        assert quick.request("GET", f"{path}/{before['id']}", headers=viewer)[0] == 200
        status, answer = await asyncio.to_thread(quick.restore, ada.room, before["id"], token="viewer")
        assert (status, answer["code"]) == (403, "read_only")
        assert str(ada.text) == "zero\none\ntwo\n"
        assert quick.request("GET", path, signed_in=False)[0] == 403


async def test_what_is_not_there_is_told(quick: LiveServer, text: str) -> None:
    status, answer = quick.timeline("nowhere.txt", "text", "file")
    assert (status, answer["code"]) == (404, "unknown_document")
    status, answer = quick.request("GET", f"api/collaboration/timeline/{text}")
    assert (status, answer["code"]) == (400, "bad_request")
    async with LiveClient(quick, text, "text", "file") as ada:
        for status, answer in (quick.moment(ada.room, 10**9), quick.restore(ada.room, 10**9)):
            assert (status, answer["code"]) == (404, "unknown_moment")
        for room in ("nonsense", "text:file:nothing"):
            status, answer = quick.request("GET", f"api/collaboration/moments/{room}")
            assert (status, answer["code"]) == (404, "unknown_document")
        status, answer = quick.request("DELETE", f"api/collaboration/moments/{ada.room}/1")
        assert (status, answer["code"]) == (400, "bad_request")


async def test_it_follows_a_rename(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        ada.text.insert(0, "zero\n")
        await ada.save()
        kept = await told(ada, quick, text, 2, "text", "file")
        assert quick.request("PATCH", f"api/contents/{text}", {"path": f"new-{text}"})[0] == 200
        assert of_text(quick, f"new-{text}") == kept


async def told(
    client: LiveClient, server: LiveServer, path: str, count: int, doc_format: str = "json", doc_type: str = "notebook"
) -> list[Moment]:
    """The moments of a file, as soon as there are so many."""
    found: list[Moment] = []

    def there() -> bool:
        found[:] = server.timeline(path, doc_format, doc_type)[1]["moments"]
        return len(found) >= count

    await client.until(there)
    return found


async def test_what_a_kernel_has_told_of_its_language_stays(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada:
        metadata = ada.doc.get("meta", type=pycrdt.Map)["metadata"]
        metadata["language_info"] = {"name": "python"}
        ada.cells[0]["source"].insert(0, "# ")
        await ada.save()
        before, _ = await told(ada, quick, notebook, 2)
        for changed in (1, 0):
            status, answer = await asyncio.to_thread(quick.restore, ada.room, before["id"])
            assert status == 200 and answer["changed"] == changed
        await ada.until(lambda: ada.sources[0] == "a = 1")
        assert json.loads((quick.work / notebook).read_text())["metadata"]["language_info"] == {"name": "python"}
        ada.cells[0]["source"].insert(0, "# ")
        await ada.save()
        moments = await told(ada, quick, notebook, 4)
        assert [moment["restored"] for moment in moments] == [None, None, before["at"], None]
