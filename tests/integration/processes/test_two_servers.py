"""Two Jupyter servers that serve the same files and share one log: one of them has a file, and another takes over."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer
from jupyter_live.testing.services import Postgres, Redis

from .people import all_logged, all_saved, all_see, write
from .two import Pair, running

CELL: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}


@pytest.fixture
def slow(tmp_path: Path, redis_server: Redis, postgres_server: Postgres) -> Iterator[Pair]:
    """Of which the first waits a while with saving."""
    pair = Pair(tmp_path / "slow", redis_server, postgres_server, delay=4)
    (pair.work / "a.txt").write_text("begun\n")
    with running(pair) as pair:
        yield pair


@pytest.fixture
def pair(tmp_path: Path, redis_server: Redis, postgres_server: Postgres) -> Iterator[Pair]:
    pair = Pair(tmp_path / "pair", redis_server, postgres_server)
    (pair.work / "a.txt").write_text("begun\n")
    with running(pair) as pair:
        yield pair


async def both(pair: Pair, path: str = "a.txt") -> tuple[LiveClient, LiveClient]:
    """Ada at the server that comes first and so has the file, Bob at the other."""
    ada = await pair.client(pair.one, path).open()
    bob = await pair.client(pair.two, path).open()
    assert ada.session["fileId"] == bob.session["fileId"] and ada.session["sessionId"] == bob.session["sessionId"]
    assert await pair.owners(ada.room) == [pair.one]
    return ada, bob


async def back(client: LiveClient) -> None:
    """Wait until a server has sent somebody away, and come back as a browser does."""
    await client.until(lambda: client.closed)
    assert client.closed and client.closed[0] in (1003, 1006, 1012), client.closed
    while client.closed:
        await client.connect()


async def close(*people: LiveClient) -> None:
    for person in people:
        await person.close()


async def test_people_at_both_edit_one_notebook(pair: Pair) -> None:
    cells = [{**CELL, "id": f"cell-{n}", "source": f"line {n}\n"} for n in range(2)]
    file = pair.work / "n.ipynb"
    file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    people = ada, bob = await both(pair, "n.ipynb")
    for n in range(20):
        ada.cells[0]["source"].insert(0, f"ada {n}\n")
        bob.cells[1]["source"].insert(0, f"bob {n}\n")
        await asyncio.sleep(0.02)
    await ada.until(
        lambda: all(person.sources[0].count("ada") == 20 == person.sources[1].count("bob") for person in people)
    )
    await all_saved(people)
    assert ["".join(cell["source"]) for cell in json.loads(file.read_text())["cells"]] == ada.sources == bob.sources
    assert (await bob.save())["status"] in ("success", "skipped"), "also by who asks the server without the file"
    await close(*people)


async def test_what_another_program_writes_reaches_both_once(pair: Pair) -> None:
    people = ada, bob = await both(pair)
    write(bob, "by bob")
    await all_saved(people)
    (pair.work / "a.txt").write_text("above\nbegun\nby bob\n")
    await all_see(people, "above")
    await all_saved(people)
    assert (pair.work / "a.txt").read_text() == str(ada.text) == "above\nbegun\nby bob\n"
    await close(*people)


async def test_who_is_killed_is_taken_over_from(pair: Pair) -> None:
    ada, bob = await both(pair)
    write(ada, "saved")
    await all_saved([ada, bob])
    write(ada, "only logged")
    await all_logged([ada])
    await asyncio.to_thread(pair.one.stop, signal.SIGKILL)
    write(bob, "by bob")
    await back(bob)  # its server has the file now, in a room of its own
    await all_see([bob], "saved", "only logged", "by bob")
    await all_saved([bob])
    assert await pair.owners(bob.room) == [pair.two]
    assert sorted((pair.work / "a.txt").read_text().splitlines()) == ["begun", "by bob", "only logged", "saved"]
    write(ada, "offline")
    await asyncio.to_thread(pair.one.start)
    await ada.connect()
    await all_see([ada, bob], "offline")
    await all_saved([ada, bob])
    assert await pair.owners(bob.room) == [pair.two], "who comes back follows"
    assert (pair.work / "a.txt").read_text() == str(bob.text) == str(ada.text)
    await close(ada, bob)


async def test_who_was_stopped_for_long_writes_no_more(slow: Pair) -> None:
    """It wakes up in the belief that it has the file, with something to save."""
    ada, bob = await both(slow)
    write(ada, "before")
    await all_saved([ada, bob])
    write(ada, "on the way")
    await all_logged([ada])
    assert "on the way" not in (slow.work / "a.txt").read_text(), "there is still something to save"
    slow.one.pause()
    await back(bob)
    write(bob, "meanwhile")
    await all_saved([bob])
    kept = (slow.work / "a.txt").read_text()
    assert "meanwhile" in kept
    with versions_of(slow.work / "a.txt") as versions:
        slow.one.resume()
        await back(ada)
        await all_see([ada, bob], "before", "on the way", "meanwhile")
        await all_saved([ada, bob])
        await asyncio.sleep(2)
    assert await slow.owners(bob.room) == [slow.two]
    assert [text for text in versions if "meanwhile" not in text] == [], "nothing older was ever in it"
    assert sorted(str(ada.text).splitlines()) == ["before", "begun", "meanwhile", "on the way"]
    assert (slow.work / "a.txt").read_text() == str(ada.text) == str(bob.text)
    assert not [path.name for path in slow.work.iterdir() if path.name != "a.txt"], "no copies"
    await close(ada, bob)


@contextmanager
def versions_of(path: Path) -> Iterator[list[str]]:
    """Everything that is in a file meanwhile, as far as one looks 500 times a second."""
    found: list[str] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.002):
            text = path.read_text()
            if text and found[-1:] != [text]:  # Jupyter writes in place: for a moment it is empty
                found.append(text)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield found
        finally:
            is_over.set()
            looking.result()


@pytest.mark.parametrize("at", ["one", "two", "disk"])
async def test_a_renamed_file_is_followed_by_both(pair: Pair, at: str) -> None:
    people = ada, bob = await both(pair)
    if at == "disk":
        (pair.work / "a.txt").rename(pair.work / "b.txt")
    else:
        server: LiveServer = getattr(pair, at)
        status, _ = await asyncio.to_thread(server.request, "PATCH", "api/contents/a.txt", {"path": "b.txt"})
        assert status == 200
    for person in people:
        await person.until(lambda person=person: person.state["path"] == "b.txt")  # type: ignore[misc]
    write(ada, "by ada")
    write(bob, "by bob")
    await all_see(people, "by ada", "by bob")
    await all_saved(people)
    assert (pair.work / "b.txt").read_text() == str(ada.text)
    assert not (pair.work / "a.txt").exists()
    await close(*people)


async def test_who_stops_hands_over_at_once(pair: Pair) -> None:
    ada, bob = await both(pair)
    write(ada, "by ada")
    await all_logged([ada])
    await asyncio.to_thread(pair.one.stop)
    assert "by ada" in (pair.work / "a.txt").read_text()
    await back(bob)
    write(bob, "by bob")
    await all_saved([bob])
    assert await pair.owners(bob.room) == [pair.two]
    assert (pair.work / "a.txt").read_text() == "begun\nby ada\nby bob\n"
    await close(ada, bob)


async def test_with_ids_of_their_own_only_one_serves(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres
) -> None:
    """The same file would be two documents, and two servers its writers."""
    pair = Pair(tmp_path / "apart", redis_server, postgres_server, apart=True)
    (pair.work / "a.txt").write_text("begun\n")
    with running(pair):
        ada = await pair.client(pair.one, "a.txt").open()
        status, told = await asyncio.to_thread(pair.two.session, "a.txt", "text", "file")
        assert (status, told["code"]) == (503, "other_file_ids") and "another server" in told["message"].lower()
        assert "another database of file ids" in pair.two.log()
        write(ada, "by ada")
        await all_saved([ada])
        pair.one.pause()

        async def opens() -> bool:
            status, _ = await asyncio.to_thread(pair.two.session, "a.txt", "text", "file")
            return status in (200, 201)

        await until(opens)
        bob = await pair.client(pair.two, "a.txt").open()
        write(bob, "by bob")
        await all_saved([bob])
        write(ada, "too late")
        pair.one.resume()
        await ada.until(lambda: ada.closed)
        await asyncio.sleep(2)
        assert (pair.work / "a.txt").read_text() == "begun\nby ada\nby bob\n" == str(bob.text)
        await close(ada, bob)
