"""The file has what the log has not: an older copy of the log was put back, or the log could not be written in time.

What the file has more may come from clients, who still have it as changes of their own.
"""

import asyncio
import signal
from dataclasses import dataclass
from typing import Any

import pytest
from failures.databases import database, locked
from rooms.notebooks import code, sources, write

from jupyter_live.testing import LiveClient, LiveServer

from .losing import stop

START = ["a = 1\na = 2", "b = 1"]


@dataclass
class Document:
    """A notebook, or a text file that has its sources one after the other."""

    server: LiveServer
    path: str

    @property
    def is_text(self) -> bool:
        return self.path.endswith(".txt")

    def client(self, **options: Any) -> LiveClient:
        kind = ("text", "file") if self.is_text else ("json", "notebook")
        return LiveClient(self.server, self.path, *kind, **options)

    def write(self, found: list[str]) -> None:
        file = self.server.work / self.path
        if self.is_text:
            file.write_text("".join(f"{line}\n" for line in found))
        else:
            write(file, *(code(source, f"cell-{number}") for number, source in enumerate(found)))

    def type(self, client: LiveClient, line: str) -> None:
        """A line before all others, and a cell (or line) after the others."""
        text = client.text if self.is_text else client.cells[0]["source"]
        text.insert(0, f"{line}\n")
        if self.is_text:
            text.insert(len(str(text).encode()), f"{line}, too\n")
        else:
            client.add_cell(len(client.cells), f"{line}, too", line)

    def lines(self, client: LiveClient) -> list[str]:
        return (str(client.text) if self.is_text else "\n".join(client.sources)).splitlines()

    @property
    def file(self) -> list[str]:
        file = self.server.work / self.path
        return (file.read_text() if self.is_text else "\n".join(sources(file))).splitlines()

    async def end(self, *clients: LiveClient) -> list[str]:
        """Until everybody has the same and it is in the file."""
        await clients[0].until(lambda: all(client.is_saved for client in clients))
        await clients[0].until(lambda: all(self.lines(client) == self.file for client in clients))
        return self.file


@pytest.fixture(params=["notebook", "text"])
def document(server: LiveServer, request: pytest.FixtureRequest) -> Document:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:80]
    document = Document(server, name + (".txt" if request.param == "text" else ".ipynb"))
    document.write(START)
    return document


async def go_back(server: LiveServer, *clients: LiveClient) -> None:
    """Kill the server, and start it on the copy of its database."""
    await asyncio.to_thread(server.stop, signal.SIGKILL)
    for client in clients:
        await client.until(lambda client=client: client.closed)  # type: ignore[misc]
    server.restore_database()
    await asyncio.to_thread(server.start)


def expected(*typed: str) -> list[str]:
    """The latest line first."""
    return [*reversed(typed), "a = 1", "a = 2", "b = 1", *(f"{line}, too" for line in typed)]


async def test_nothing_is_doubled_when_a_tab_comes_back(server: LiveServer, document: Document) -> None:
    async with document.client() as ada:
        document.type(ada, "first")
        await ada.until(lambda: ada.is_saved)
        server.copy_database()
        document.type(ada, "later")
        await ada.until(lambda: ada.is_saved)
        await go_back(server, ada)
        await ada.connect()
        assert await document.end(ada) == expected("first", "later")


async def test_what_was_typed_offline_comes_along_once(server: LiveServer, document: Document) -> None:
    """Also when somebody new was there first, and has typed so much that the log is longer than it ever was."""
    async with document.client() as ada, document.client() as bob:
        server.copy_database()
        document.type(ada, "later")
        await ada.until(lambda: ada.is_saved)
        await bob.until(lambda: "later" in document.lines(bob))
        await go_back(server, ada, bob)
        document.type(ada, "ada")
        async with document.client() as new:
            for number in range(30):
                document.type(new, f"new {number:02}")
            await new.until(lambda: new.is_saved)
            await asyncio.gather(ada.connect(), bob.connect())
            found = await document.end(ada, bob, new)
        assert sorted(found) == sorted(expected("later", "ada", *(f"new {number:02}" for number in range(30))))


async def test_what_a_closed_tab_kept_comes_along_once(server: LiveServer, document: Document) -> None:
    ada = await document.client().open()
    server.copy_database()
    document.type(ada, "later")
    await ada.until(lambda: ada.is_saved)
    await go_back(server, ada)
    document.type(ada, "ada")
    kept = await ada.close_tab()
    async with document.client(kept=kept) as again:
        assert await document.end(again) == expected("later", "ada")
        assert [answer["outcome"] for _, answer in again.handed_in] == ["rebased"]


async def test_what_only_the_log_had_comes_back_from_the_tab(server: LiveServer, document: Document) -> None:
    """Nothing was saved since the copy: the history goes on."""
    async with document.client() as ada:
        await ada.until(lambda: ada.holding.base)
        server.copy_database()
        await stop(server, ada)
        soon, server.options = server.options, ("--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600")
        try:
            await asyncio.to_thread(server.start)
            await ada.connect()
            document.type(ada, "later")
            await ada.until(lambda: ada.is_logged)
            assert document.file == expected()
        finally:
            server.options = soon
        await go_back(server, ada)
        await ada.connect()
        assert ada.handed_in == [] and await document.end(ada) == expected("later")


async def test_what_was_saved_while_the_log_was_locked_is_not_doubled(server: LiveServer, document: Document) -> None:
    """The file does not wait for the log; then the server dies with the rows that it could not write."""
    async with document.client() as ada:
        with locked(database(server)):
            document.type(ada, "later")
            await ada.until(lambda: document.file == expected("later"))
            assert not ada.is_logged
            await asyncio.to_thread(server.stop, signal.SIGKILL)
        await ada.until(lambda: ada.closed)
        await asyncio.to_thread(server.start)
        await ada.connect()
        assert await document.end(ada) == expected("later")


async def test_a_merge_that_was_told_but_not_logged_is_not_doubled(server: LiveServer, document: Document) -> None:
    """The client has as changes of the server's what the next server finds in the file."""
    async with document.client() as ada:
        with locked(database(server)):
            document.write(["outside\na = 1\na = 2", "b = 1", "outside, too"])
            await ada.until(lambda: document.lines(ada) == expected("outside"))
            await asyncio.to_thread(server.stop, signal.SIGKILL)
        await ada.until(lambda: ada.closed)
        await asyncio.to_thread(server.start)
        await ada.connect()
        assert await document.end(ada) == expected("outside")


async def test_a_file_that_has_nothing_new_keeps_its_history(server: LiveServer, document: Document) -> None:
    async with document.client() as ada:
        document.type(ada, "later")
        await ada.until(lambda: ada.is_saved)
        session = ada.session
        await stop(server, ada)
        await asyncio.to_thread(server.start)
        await ada.connect()
        assert ada.session == session and ada.handed_in == []
