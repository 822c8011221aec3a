"""The server has lost the log: the history of a client becomes the document's again."""

import asyncio

from rooms.notebooks import code, sources, write

from jupyter_live.testing import LiveClient, LiveServer

from .losing import equal, lose, stop


async def test_everybody_goes_on_with_the_history_that_the_first_brings(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        bob.add_cell(3, "bob's", "bob")
        assert await equal(ada, bob)
        epoch, doc = ada.session["sessionId"], ada.doc
        await lose(server, ada, bob)
        ada.cells[0]["source"].insert(0, "ada = 1\n")
        bob.cells[1]["source"].insert(0, "bob = 1\n")
        for client in (ada, bob):
            await client.connect()
        assert [answer["outcome"] for _, answer in ada.handed_in] == ["adopted"] and bob.handed_in == []
        found = await equal(ada, bob)
        assert found == ["ada = 1\na = 1\na = 2\na = 3", "bob = 1\nb = 1", "c = 1", "bob's"]
        assert sources(server.work / path) == found
        async with LiveClient(server, path) as new:
            assert new.session["sessionId"] == ada.session["sessionId"] == epoch and ada.doc is doc
            assert await equal(ada, bob, new) == found


async def test_a_client_that_reads_only_what_others_write_brings_their_history_too(
    server: LiveServer, path: str
) -> None:
    async with LiveClient(server, path) as ada:
        epoch = ada.session["sessionId"]
        await lose(server, ada)
        await ada.connect()
        assert ada.session["sessionId"] == epoch and ada.is_synced
        assert await equal(ada) == ["a = 1\na = 2\na = 3", "b = 1", "c = 1"]


async def test_what_was_done_to_the_file_meanwhile_is_kept_too(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        await ada.until(lambda: ada.holding.base)
        await stop(server, ada)
        server.lose_database()
        ada.cells[0]["source"].insert(0, "ada = 1\n")
        cells = code("a = 1\na = 2\na = 3", "first"), code("b = 1", "second"), code("c = 1, changed", "third")
        write(server.work / path, *cells)
        await asyncio.to_thread(server.start)
        await ada.connect()
        assert await equal(ada) == ["ada = 1\na = 1\na = 2\na = 3", "b = 1", "c = 1, changed"]
        assert sources(server.work / path) == ada.sources


async def test_an_old_copy_and_a_new_one_of_the_lost_history_double_nothing(server: LiveServer, path: str) -> None:
    """Were the copy of Ada, who was away, the document now, what Bob typed would come from the file and from him."""
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.until(lambda: ada.holding.base)
        await ada.cut()
        ada.cells[1]["source"].insert(0, "ada = 1\n")
        bob.cells[0]["source"].insert(0, "bob = 1\n")
        bob.add_cell(3, "bob's", "bob")
        await bob.until(lambda: bob.is_saved)
        await lose(server, bob)
        bob.cells[2]["source"].insert(0, "offline = 1\n")
        await ada.connect()
        await bob.connect()
        found = await equal(ada, bob)
        assert found == ["bob = 1\na = 1\na = 2\na = 3", "ada = 1\nb = 1", "offline = 1\nc = 1", "bob's"]
        assert sources(server.work / path) == found


async def test_two_who_come_at_the_same_time_bring_everything_once(server: LiveServer, path: str) -> None:
    clients = [await LiveClient(server, path).open() for _ in range(4)]
    await clients[0].until(lambda: all(client.holding.base for client in clients))
    await lose(server, *clients)
    for number, client in enumerate(clients):
        client.cells[0]["source"].insert(0, f"n = {number}\n")
        client.add_cell(number, f"cell {number}", f"cell-{number}")
    await asyncio.gather(*(client.connect() for client in clients))
    found = await equal(*clients)
    lines = "\n".join(found).split("\n")
    everything = [f"n = {n}" for n in range(4)] + [f"cell {n}" for n in range(4)]
    assert sorted(lines) == sorted(["a = 1", "a = 2", "a = 3", "b = 1", "c = 1", *everything])
    for client in clients:
        await client.close()


async def test_what_two_closed_tabs_left_behind_is_all_there_when_it_comes_at_once(
    server: LiveServer, path: str
) -> None:
    clients = [await LiveClient(server, path).open() for _ in range(2)]
    await clients[0].until(lambda: all(client.holding.base for client in clients))
    await lose(server, *clients)
    for number, client in enumerate(clients):
        client.cells[number]["source"].insert(0, f"n = {number}\n")
    kept = [entry for client in clients for entry in await client.close_tab()]
    answers = await asyncio.gather(*(asyncio.to_thread(server.hand_in, entry) for entry in kept))
    assert [status for status, _ in answers] == [200, 200]
    async with LiveClient(server, path) as new:
        assert await equal(new) == ["n = 0\na = 1\na = 2\na = 3", "n = 1\nb = 1", "c = 1"]
