"""A move deletes a cell and makes it anew: what the mover had not seen of it must not be gone with the old one."""

import asyncio
import signal

from rooms.notebooks import code, sources, write

from jupyter_live.testing import LiveClient, LiveServer

from .losing import equal


async def test_who_moves_a_cell_offline_takes_away_nothing_that_others_typed_in_it(
    server: LiveServer, path: str
) -> None:
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.cut()
        ada.move_cell(0, 2)
        bob.cells[0]["source"].insert(0, "bob = 1\n")
        await bob.until(lambda: bob.is_saved)
        await ada.connect()
        assert await equal(ada, bob) == ["b = 1", "c = 1", "bob = 1\na = 1\na = 2\na = 3"]


async def test_two_who_move_one_cell_at_the_same_time_do_not_double_it(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.cut()
        ada.move_cell(0, 2)
        bob.move_cell(0, 1)
        await bob.until(lambda: bob.is_saved)
        await ada.connect()
        assert sorted(await equal(ada, bob)) == ["a = 1\na = 2\na = 3", "b = 1", "c = 1"]


async def test_who_moved_a_cell_takes_along_what_others_typed_in_it_into_another_history(
    server: LiveServer, path: str
) -> None:
    """The history has another epoch by the time that the mover is back: the file was changed while no server ran."""
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.cut()
        ada.move_cell(0, 2)
        source = bob.cells[0]["source"]
        source.insert(0, "bob = 1\n")
        del source[len("bob = 1\na = 1\n") : len("bob = 1\na = 1\na = 2\n")]
        await bob.until(lambda: bob.is_saved)
        await asyncio.to_thread(server.stop, signal.SIGTERM)
        file = server.work / path
        written = zip([*sources(file), "outside = 1"], ("first", "second", "third", "new"), strict=True)
        write(file, *(code(source, name) for source, name in written))
        await asyncio.to_thread(server.start)
        await asyncio.gather(ada.connect(), bob.connect())
        assert sorted(await equal(ada, bob)) == ["b = 1", "bob = 1\na = 1\na = 3", "c = 1", "outside = 1"]
