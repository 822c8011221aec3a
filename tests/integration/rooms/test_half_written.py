"""The server is killed while it writes a file: what it leaves is half of it, and the log has the document."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from . import dying
from .dying import die
from .notebooks import code, sources, write

TEXT = "".join(f"line {n} 😀\n" for n in range(20))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with dying.server(tmp_path_factory.mktemp("killed")) as server:
        yield server


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
async def test_a_notebook_is_written_again_and_has_everything(server: LiveServer, name: str, share: float) -> None:
    file = server.work / f"{name}.ipynb"
    write(file, code("a = 1", "first"), code("b = 2", "second"))
    async with LiveClient(server, file.name) as ada:
        epoch = ada.session["sessionId"]
        ada.cells[1]["source"].insert(0, "c = 3\n")
        await die(server, ada, share)
        half = file.read_bytes()
        await ada.connect()
        await ada.until(lambda: ada.is_saved)
        assert ada.session["sessionId"] == epoch
        assert sources(file) == ada.sources == ["a = 1", "c = 3\nb = 2"]
        assert [copy.read_bytes() for copy in server.work.glob(f"{name} replaced *")] == [half]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
async def test_a_text_is_written_again_and_nothing_is_taken_for_deleted(
    server: LiveServer, name: str, share: float
) -> None:
    file = server.work / f"{name}.txt"
    file.write_text(TEXT)
    async with LiveClient(server, file.name, "text", "file") as ada:
        ada.text.insert(0, "new\n")
        await die(server, ada, share)
        await ada.connect()
        await ada.until(lambda: ada.is_saved)
        assert file.read_text() == str(ada.text) == "new\n" + TEXT


async def test_a_notebook_that_others_broke_is_opened_from_the_log_and_left_alone(
    server: LiveServer, name: str
) -> None:
    file = server.work / f"{name}.ipynb"
    write(file, code("a = 1", "first"), code("b = 2", "second"))
    async with LiveClient(server, file.name) as ada:
        ada.cells[1]["source"].insert(0, "c = 3\n")
        assert (await ada.save())["status"] == "success"
        ada.cells[0]["source"].insert(0, "d = 4\n")
        await ada.until(lambda: ada.is_logged)
    await asyncio.to_thread(server.stop, signal.SIGKILL)
    broken = file.read_text().replace('"cells"', '<<<<<<< HEAD\n"cells"')
    file.write_text(broken)
    await asyncio.to_thread(server.start)
    async with LiveClient(server, file.name) as ada:
        assert ada.sources == ["d = 4\na = 1", "c = 3\nb = 2"]
        await ada.until(lambda: ada.latest("state").get("code") == "file_unreadable")
        assert file.read_text() == broken
        write(file, code("a = 1", "first"), code("c = 3\nb = 2  # mended", "second"))
        await ada.until(lambda: ada.sources == ["d = 4\na = 1", "c = 3\nb = 2  # mended"])
        assert (await ada.save())["status"] in ("success", "skipped")
        await ada.until(lambda: sources(file) == ada.sources)


async def test_a_broken_notebook_that_the_log_does_not_know_is_not_opened(server: LiveServer, name: str) -> None:
    (server.work / f"{name}.ipynb").write_text('{"cells": [')
    client = LiveClient(server, f"{name}.ipynb")
    assert (await asyncio.to_thread(server.session, client.path))[0] == 400
