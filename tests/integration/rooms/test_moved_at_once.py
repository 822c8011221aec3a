"""Two people move one cell at the same time: Yjs has no move, so that each deletes it and inserts it anew."""

from __future__ import annotations

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, sources, write


def move_to_end(client: LiveClient, addition: str = "") -> None:
    cell = client.cells[0]
    source, cell_id = str(cell["source"]), cell["id"]
    del client.cells[0]
    client.add_cell(len(client.cells), source + addition, cell_id)


async def move_at_once(ada: LiveClient, grace: LiveClient, *additions: str) -> None:
    people = ada, grace
    for person in people:
        await person.cut()
    for person, addition in zip(people, additions, strict=True):
        move_to_end(person, addition)
    for person in people:
        await person.connect()


async def test_a_cell_that_two_people_move_at_once_is_there_once(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        await move_at_once(ada, grace, "", "  # and more")
        await ada.until(lambda: ada.sources == grace.sources == ["b = 2", "a = 1  # and more"])
        await ada.until(lambda: ada.is_saved and grace.is_saved)
        assert sources(quick.work / notebook) == ada.sources


async def test_where_the_two_differ_it_has_what_both_have(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        await move_at_once(ada, grace, " + 1", " + 2")
        await ada.until(lambda: len(ada.cells) == 2)
        await ada.until(lambda: sorted(ada.sources[1].splitlines()) == ["a = 1 + 1", "a = 1 + 2"])
        await grace.until(lambda: grace.sources == ada.sources and ada.is_saved and grace.is_saved)
        assert sources(quick.work / notebook) == ada.sources


async def test_it_is_there_once_before_anybody_saves(lazy: LiveServer, name: str) -> None:
    """As for as long as the file is gone, or cannot be written."""
    file = lazy.work / f"{name}.ipynb"
    write(file, code("a = 1", "first"), code("b = 2", "second"))
    before = file.read_bytes()
    async with LiveClient(lazy, file.name) as ada, LiveClient(lazy, file.name) as grace:
        await move_at_once(ada, grace, "", "  # and more")
        await ada.until(lambda: ada.sources == grace.sources == ["b = 2", "a = 1  # and more"])
        assert file.read_bytes() == before


async def test_who_sends_the_new_place_before_the_deletion_is_waited_for(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        source, cell_id = str(ada.cells[0]["source"]), ada.cells[0]["id"]
        ada.add_cell(len(ada.cells), source, cell_id)
        await grace.until(lambda: len(grace.cells) == 3)
        del ada.cells[0]
        await grace.until(lambda: grace.sources == ["b = 2", "a = 1"])
        await ada.until(lambda: ada.is_saved)
        assert sources(quick.work / notebook) == ada.sources == ["b = 2", "a = 1"]
