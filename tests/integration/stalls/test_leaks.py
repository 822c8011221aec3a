"""What was opened and is closed again leaves nothing in memory."""

import asyncio
from collections.abc import Iterator

import pytest
from rooms.notebooks import code, write

from jupyter_live.testing import LiveClient, LiveServer

DOCUMENTS, ROUNDS = 6, 5
FEW = 10  # objects of one type that may be there by chance; a leak leaves one or more a visit
PATIENCE = 10  # looks, of a second each
OURS = {"jupyter_live", "pycrdt", "tornado", "asyncio", "_asyncio", "channels", "jupyter_server"}  # not sqlite's caches


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    options = "--LiveApp.idle_delay=0.1", "--LiveApp.save_delay=0.05"
    alive = "--ServerApp.jpserver_extensions=jupyter_live.testing.alive=True"
    with LiveServer(tmp_path_factory.mktemp("leaks"), *options, alive) as server:
        yield server


async def alive(server: LiveServer) -> dict[str, int]:
    await asyncio.sleep(1)  # until the rooms are closed and the sockets gone
    status, found = await asyncio.to_thread(server.request, "GET", "api/alive")
    assert status == 200
    return dict(found)


async def visit_all(server: LiveServer) -> None:
    """Open each document with two people, type, and leave; in the second that follows its room is closed."""
    for number in range(DOCUMENTS):
        kind = ("json", "notebook") if number % 2 else ("text", "file")
        path = f"{number}.ipynb" if number % 2 else f"{number}.txt"
        async with LiveClient(server, path, *kind) as ada, LiveClient(server, path, *kind) as bob:
            (ada.cells[0]["source"] if number % 2 else ada.text).insert(0, "x")
            await ada.until(lambda one=ada, other=bob: one.is_logged and one.doc.get_state() == other.doc.get_state())  # type: ignore[misc]
    await asyncio.sleep(0.5)


async def test_documents_and_sockets_leave_nothing(server: LiveServer) -> None:
    for number in range(DOCUMENTS):
        write(server.work / f"{number}.ipynb", code("a = 1", "first"), code("b = 2", "second"))
        (server.work / f"{number}.txt").write_text("one\n")
    for _ in range(2):  # what is made once
        await visit_all(server)
    before = await alive(server)
    for _ in range(ROUNDS):
        await visit_all(server)
    for _ in range(PATIENCE):  # on a busy machine the last rooms may still be closing
        after = await alive(server)
        more = {kind: (before.get(kind, 0), after[kind]) for kind in after if after[kind] - before.get(kind, 0) > FEW}
        left = {kind: more[kind] for kind in more if kind.partition(".")[0] in OURS}
        if not left:
            break
    assert not left, f"{left}"
    assert after.get("jupyter_live.engine.pycrdt.PycrdtReplica", 0) < FEW
