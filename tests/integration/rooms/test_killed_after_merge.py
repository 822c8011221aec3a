"""The server is killed after what another program did to a file was merged: it is not merged once more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from . import dying
from .notebooks import code, write


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with dying.server(tmp_path_factory.mktemp("killed")) as server:
        yield server


async def be_killed(server: LiveServer, client: LiveClient) -> None:
    await client.until(lambda: client.is_logged)
    await asyncio.to_thread(server.stop, signal.SIGKILL)
    await client.until(lambda: client.closed)
    await asyncio.to_thread(server.start)
    await client.connect()


async def be_killed_before_writing(server: LiveServer, client: LiveClient) -> None:
    """After the log was told what will be in the file, and before that is there."""
    await dying.die(server, client, "before")
    await client.connect()


KILLS = pytest.mark.parametrize("kill", [be_killed, be_killed_before_writing], ids=["any time", "before writing"])
EDITS = pytest.mark.parametrize("edit", ["deleted", "rewritten", "typed on"])
Kill = Callable[[LiveServer, LiveClient], Awaitable[None]]


@KILLS
@EDITS
async def test_text(server: LiveServer, name: str, kill: Kill, edit: str) -> None:
    file = server.work / f"{name.replace(' ', '-')}.txt"
    file.write_text("one\ntwo\nthree\n")
    async with LiveClient(server, file.name, "text", "file") as ada:
        ada.text.insert(0, "typed before\n")
        await ada.until(lambda: ada.is_logged)
        file.write_text("one\ntwo\noutside 1\noutside 2\noutside 3\nthree\n")
        await ada.until(lambda: "outside 3" in str(ada.text))
        at = str(ada.text).index("outside 2")
        if edit == "typed on":
            ada.text.insert(at, "also ")
        else:
            del ada.text[at : at + len("outside 2\n")]
        if edit == "rewritten":
            ada.text.insert(at, "rewritten\n")
        wanted = str(ada.text)
        await kill(server, ada)
        assert str(ada.text) == wanted
        assert (await ada.save())["status"] == "success"
        assert file.read_text() == str(ada.text) == wanted


@KILLS
@EDITS
async def test_a_notebook(server: LiveServer, name: str, kill: Kill, edit: str) -> None:
    file = server.work / f"{name.replace(' ', '-')}.ipynb"
    write(file, code("one\ntwo", "first"), code("x", "second"))
    async with LiveClient(server, file.name) as ada:
        ada.cells[0]["source"].insert(0, "typed before\n")
        await ada.until(lambda: ada.is_logged)
        write(file, code("one\ntwo", "first"), code("outside", "new"), code("x", "second"))
        await ada.until(lambda: len(ada.cells) == 3)
        if edit == "deleted":
            del ada.cells[1]
        elif edit == "rewritten":
            del ada.cells[1]["source"][:]
            ada.cells[1]["source"].insert(0, "rewritten")
        else:
            ada.cells[1]["source"].insert(0, "typed on\n")
        wanted = ada.sources
        await kill(server, ada)
        assert ada.sources == wanted
        assert (await ada.save())["status"] == "success"
        assert ada.sources == wanted


async def test_what_is_changed_once_more_meanwhile_is_merged(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.txt"
    file.write_text("one\ntwo\nthree\n")
    async with LiveClient(server, file.name, "text", "file") as ada:
        ada.text.insert(0, "typed before\n")
        file.write_text("one\ntwo\noutside\nthree\n")
        await ada.until(lambda: "outside" in str(ada.text) and ada.is_logged)
        await asyncio.to_thread(server.stop, signal.SIGKILL)
        file.write_text("one\ntwo\noutside\nthree\nonce more\n")
        await asyncio.to_thread(server.start)
        await ada.connect()
        await ada.until(lambda: str(ada.text) == "typed before\none\ntwo\noutside\nthree\nonce more\n")
