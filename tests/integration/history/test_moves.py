"""A move deletes a cell and makes it anew: what the mover had not seen of it must not be gone with the old one."""

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
