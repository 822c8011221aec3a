"""The server goes and comes back: by SIGTERM, by SIGKILL, with clients that wait or reload, and files that changed."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pycrdt
import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, markdown, sources, write

TERM, KILL = signal.SIGTERM, signal.SIGKILL


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that these tests stop and start. It saves only when it is asked to, or has to."""
    options = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600"
    with LiveServer(tmp_path_factory.mktemp("restarted"), *options) as server:
        yield server


def restart(server: LiveServer, how: signal.Signals) -> None:
    server.stop(how)
    server.start()


def with_ids(path: Path) -> None:
    write(path, code("a = 1", "first"), markdown("# two", "second"))


def without_ids(path: Path) -> None:
    write(path, code("a = 1"), markdown("# two"), minor=4)


def lacking_ids(path: Path) -> None:
    """What many programs write: they say 4.5, and leave out what is new in it."""
    write(path, code("a = 1"), markdown("# two"))


def empty(path: Path) -> None:
    write(path)


@pytest.mark.parametrize("how", [TERM, KILL])
async def test_documents_keep_their_history_and_have_no_cell_twice(
    server: LiveServer, name: str, how: signal.Signals
) -> None:
    """Over three restarts: an untouched one, one after edits, one while clients wait to come back."""
    files = {
        make: server.work / f"{name}-{make.__name__}.ipynb" for make in (with_ids, without_ids, lacking_ids, empty)
    }
    for make, file in files.items():
        make(file)
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files.values()]
    first = [await LiveClient(server, file.name).open() for file in files.values()]
    for client in first:
        await client.close()
    restart(server, how)
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files.values()] == before

    second = [await LiveClient(server, file.name).open() for file in files.values()]
    for client, earlier in zip(second, first, strict=True):
        assert (client.session, client.sources) == (earlier.session, earlier.sources), client.path
        client.add_cell(1, "new 😀", "new")
        client.cells[0]["source"].insert(0, "edited ")
        output = {"output_type": "stream", "name": "stdout", "text": pycrdt.Text("1")}
        client.cells[0]["outputs"].append(pycrdt.Map(output))
    for client in second:
        await client.until(lambda client=client: client.is_logged)  # type: ignore[misc]
    restart(server, how)

    for client, file in zip(second, files.values(), strict=True):
        await client.until(lambda client=client: client.closed)  # type: ignore[misc]
        client.add_cell(0, "offline", "offline")
        expected = client.sources
        await client.connect()
        assert client.is_synced and client.sources == expected, client.path
        assert (await client.save())["status"] == "success"
        assert sources(file) == expected
        await client.close()
    restart(server, how)

    for earlier, file in zip(second, files.values(), strict=True):
        async with LiveClient(server, file.name) as client:
            assert (client.session, client.sources) == (earlier.session, earlier.sources), client.path
            assert (await client.save())["status"] == "skipped"
            assert sources(file) == client.sources
    assert len(list(server.work.glob(f"{name}*"))) == 4, "no copy was needed"


async def test_sigterm_saves_what_was_not_yet_saved(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.txt"
    file.write_text("one\n")
    ada = await LiveClient(server, file.name, "text", "file").open()
    ada.text.insert(0, "x")
    await ada.until(lambda: ada.latest("ack").get("received") == ada.sent)
    server.stop(TERM)
    assert file.read_text() == "xone\n"
    await ada.until(lambda: ada.closed)
    assert ada.closed is not None and ada.closed[0] == 1012
    server.start()


async def test_what_was_logged_survives_sigkill_and_reaches_the_file(server: LiveServer, name: str) -> None:
    """Whether the client that typed it comes back, or somebody else asks for a save, or only looks and leaves."""
    files = [server.work / f"{name}-{what}.txt" for what in ("returns", "asks", "looks")]
    clients = []
    for file in files:
        file.write_text("one\n")
        clients.append(await LiveClient(server, file.name, "text", "file").open())
        for n in range(50):
            clients[-1].text.insert(0, f"[{n}]")
    for client in clients:
        await client.until(lambda client=client: client.is_logged)  # type: ignore[misc]
    restart(server, KILL)
    assert [file.read_text() for file in files] == ["one\n"] * 3

    returns, asks, looks = clients
    await returns.until(lambda: returns.closed)
    await returns.connect()
    assert returns.latest("state")["file"] == "unsaved"
    assert (await returns.save())["status"] == "success"
    async with LiveClient(server, asks.path, "text", "file") as other:
        assert other.session == asks.session and str(other.text) == str(asks.text)
        assert (await other.save())["status"] == "success"
    async with LiveClient(server, looks.path, "text", "file") as other:
        assert str(other.text) == str(looks.text)
    for file, client in zip(files, clients, strict=True):
        await client.until(lambda file=file, client=client: file.read_text() == str(client.text))  # type: ignore[misc]
    await returns.close()


@pytest.mark.parametrize("how", [TERM, KILL])
async def test_a_file_that_changed_meanwhile_is_merged_into_its_history(
    server: LiveServer, name: str, how: signal.Signals
) -> None:
    file, notebook = server.work / f"{name}.txt", server.work / f"{name}.ipynb"
    file.write_text("one\ntwo\n")
    with_ids(notebook)
    ada = await LiveClient(server, file.name, "text", "file").open()
    ada.text.insert(0, "mine ")
    author = await LiveClient(server, notebook.name).open()
    author.add_cell(2, "mine", "mine")
    for client in (ada, author):
        await client.until(lambda client=client: client.is_logged)  # type: ignore[misc]
    server.stop(how)
    # After SIGTERM the files had it all before they were changed: there is nothing that another could have missed.
    knew = how is TERM
    file.write_text("mine one\ntheirs\n" if knew else "one\ntheirs\n")
    write(notebook, code("theirs", "theirs"), code("a = 1", "first"), *([code("mine", "mine")] if knew else []))
    server.start()

    await ada.until(lambda: ada.closed)
    async with LiveClient(server, file.name, "text", "file") as grace, LiveClient(server, notebook.name) as reader:
        assert grace.session != ada.session, "nobody can tell that it was not Ada who had typed what the file has more"
        assert str(grace.text) == "mine one\ntheirs\n"
        assert reader.sources == ["theirs", "a = 1", "mine"]
        await ada.connect()
        assert ada.is_synced and str(ada.text) == str(grace.text) and ada.session == grace.session
        for client in (grace, reader):
            assert (await client.save())["status"] in ("success", "skipped")
        assert file.read_text() == str(grace.text) and sources(notebook) == reader.sources
    for client in (ada, author):
        await client.close()
    assert len(list(server.work.glob(f"{name}*"))) == 2, "no copy was needed"


async def test_a_document_that_no_file_can_hold_can_still_be_opened_and_mended(server: LiveServer, name: str) -> None:
    """A client with a bug wrote into the log what is no cell; that must not shut everybody out for good."""
    file = server.work / f"{name}.ipynb"
    with_ids(file)
    ada = await LiveClient(server, file.name).open()
    ada.add_cell(2, "good", "good")
    ada.cells.append("no cell at all")
    await ada.until(lambda: ada.is_logged)
    restart(server, KILL)
    async with LiveClient(server, file.name) as grace:
        assert grace.session == ada.session and len(grace.cells) == 4
        assert (await grace.save())["code"] == "save_failed"
        del grace.cells[3]
        assert (await grace.save(2))["status"] == "success"
        assert sources(file) == ["a = 1", "# two", "good"]
