"""The same history: what is handed in merges, and edits of a cell that is gone by now are carried over."""

from rooms.notebooks import code, sources, write

from jupyter_live.testing import LiveClient, LiveServer

from .losing import equal


async def test_what_a_closed_tab_kept_comes_back_with_the_next_one(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as bob:
        ada = await LiveClient(server, path).open()
        await ada.cut()
        ada.cells[0]["source"].insert(0, "ada = 1\n")
        kept = await ada.close_tab()
        assert [entry.epoch for entry in kept] == [bob.session["sessionId"]]
        bob.cells[0]["source"].insert(0, "bob = 1\n")
        async with LiveClient(server, path, kept=kept) as again:
            assert [answer["outcome"] for _, answer in again.handed_in] == ["merged"]
            found = await equal(again, bob)
            assert sorted(found[0].split("\n")) == ["a = 1", "a = 2", "a = 3", "ada = 1", "bob = 1"]
            assert sources(server.work / path) == found


async def test_a_tab_of_which_all_is_confirmed_keeps_nothing(server: LiveServer, path: str) -> None:
    ada = await LiveClient(server, path).open()
    ada.cells[0]["source"].insert(0, "ada = 1\n")
    await ada.until(lambda: ada.is_logged)
    assert await ada.close_tab() == []


async def test_the_same_twice_changes_nothing(server: LiveServer, path: str) -> None:
    ada = await LiveClient(server, path).open()
    await ada.cut()
    ada.cells[0]["source"].insert(0, "ada = 1\n")
    ada.add_cell(0, "ada's", "ada")
    kept = await ada.close_tab()
    async with LiveClient(server, path, kept=kept) as first:
        found = await equal(first)
        async with LiveClient(server, path, kept=kept) as second:
            assert await equal(first, second) == found


async def test_an_edit_of_a_cell_that_was_moved_meanwhile_is_in_the_moved_one(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.until(lambda: ada.holding.base)
        await ada.cut()
        ada.cells[0]["source"].insert(0, "ada = 1\n")
        bob.move_cell(0, 2)
        await bob.until(lambda: bob.is_saved)
        await ada.connect()
        assert await equal(ada, bob) == ["b = 1", "c = 1", "ada = 1\na = 1\na = 2\na = 3"]
        assert sources(server.work / path) == ada.sources


async def test_an_edit_of_a_cell_that_another_program_deleted_meanwhile_is_not_lost(
    server: LiveServer, path: str
) -> None:
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.until(lambda: ada.holding.base)
        await ada.cut()
        ada.cells[1]["source"].insert(0, "ada = 1\n")
        write(server.work / path, code("a = 1\na = 2\na = 3", "first"), code("c = 1", "third"))
        await bob.until(lambda: len(bob.cells) == 2)
        await ada.connect()
        assert await equal(ada, bob) == ["a = 1\na = 2\na = 3", "ada = 1\nb = 1", "c = 1"]
