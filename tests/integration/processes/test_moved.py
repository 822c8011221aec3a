"""A cell that is moved in one process while somebody types into it in another."""

import asyncio
import json
from typing import Any

import pytest

from jupyter_live.testing import LiveClient
from jupyter_live.testing.cluster import Cluster
from jupyter_live.testing.content import insert

CELL: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
CELLS = [{**CELL, "id": f"cell-{n}", "source": f"line {n}\n"} for n in range(4)]
NOTEBOOK = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


async def _until_settled(people: list[LiveClient], *lines: str) -> None:
    for person in people:
        await _until_has(person, lines)
    for person in people:
        await _until_same(person, people[0])


async def _until_has(person: LiveClient, lines: tuple[str, ...]) -> None:
    def is_there() -> bool:
        sources = [source.count(line) for line in lines for source in person.sources]
        return len(person.sources) == 4 and sum(sources) >= len(lines)

    await person.until(is_there)


async def _until_same(person: LiveClient, other: LiveClient) -> None:
    await person.until(lambda: person.sources == other.sources)


@pytest.mark.parametrize("typing_at", ["relay", "server"])
async def test_what_is_typed_into_it_comes_along(fragile: Cluster, typing_at: str) -> None:
    """The process that moves it has not heard of that: Redis is at rest, and the log is looked at once a second."""
    (fragile.server.work / "n.ipynb").write_text(json.dumps(NOTEBOOK))
    relays = [*fragile.relays, None]
    here = fragile.relays[0] if typing_at == "relay" else None
    ada = await fragile.client("n.ipynb", here).open()
    others = [await fragile.client("n.ipynb", via).open() for via in relays if via is not here]
    bob = others[-1]
    for n in range(3):
        await asyncio.to_thread(fragile.redis.pause)
        insert(ada.cells[0]["source"], 0, f"typed {n}\n")
        insert(others[0].cells[2]["source"], 0, f"also {n}\n")
        bob.move_cell(0, 3)
        bob.move_cell(1, 0)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(fragile.redis.resume)
        people = [ada, *others]
        await _until_settled(people, *(f"{what} {m}\n" for m in range(n + 1) for what in ("typed", "also")))
        await asyncio.sleep(3)  # whoever would bring it a second time has had a turn
        await _until_settled(people)
        for m in range(n + 1):
            for what in ("typed", "also"):
                assert sum(source.count(f"{what} {m}\n") for source in ada.sources) == 1
    for person in (ada, *others):
        await person.close()
