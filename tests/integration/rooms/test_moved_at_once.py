"""Two people move one cell at the same time: Yjs has no move, so that each deletes it and inserts it anew."""

from __future__ import annotations

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import sources


def move_to_end(client: LiveClient, addition: str = "") -> None:
    cell = client.cells[0]
    source, cell_id = str(cell["source"]), cell["id"]
    del client.cells[0]
    client.add_cell(len(client.cells), source + addition, cell_id)


async def test_a_cell_that_two_people_move_at_once_is_there_once(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        await ada.cut()
        await grace.cut()
        move_to_end(ada)
        move_to_end(grace, "  # and more")
        await ada.connect()
        await grace.connect()
        await ada.until(lambda: ada.sources == grace.sources == ["b = 2", "a = 1  # and more"])
        await ada.until(lambda: ada.is_saved and grace.is_saved)
        assert sources(quick.work / notebook) == ada.sources


async def test_where_the_two_differ_it_has_what_both_have(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        await ada.cut()
        await grace.cut()
        move_to_end(ada, " + 1")
        move_to_end(grace, " + 2")
        await ada.connect()
        await grace.connect()
        await ada.until(lambda: len(ada.cells) == 2)
        await ada.until(lambda: sorted(ada.sources[1].splitlines()) == ["a = 1 + 1", "a = 1 + 2"])
        await grace.until(lambda: grace.sources == ada.sources and ada.is_saved and grace.is_saved)
        assert sources(quick.work / notebook) == ada.sources


async def test_it_is_there_once_also_while_the_file_cannot_be_saved(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        (quick.work / notebook).unlink()
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        await ada.cut()
        await grace.cut()
        move_to_end(ada)
        move_to_end(grace, "  # and more")
        await ada.connect()
        await grace.connect()
        await ada.until(lambda: ada.sources == grace.sources == ["b = 2", "a = 1  # and more"])
        assert not (quick.work / notebook).exists()


async def test_who_sends_the_new_place_before_the_deletion_is_waited_for(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        source, cell_id = str(ada.cells[0]["source"]), ada.cells[0]["id"]
        ada.add_cell(len(ada.cells), source, cell_id)
        await grace.until(lambda: len(grace.cells) == 3)
        del ada.cells[0]
        await grace.until(lambda: grace.sources == ["b = 2", "a = 1"])
        await ada.until(lambda: ada.is_saved)
        assert sources(quick.work / notebook) == ada.sources == ["b = 2", "a = 1"]
