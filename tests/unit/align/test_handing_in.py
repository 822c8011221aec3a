"""What hand-ins need: which cells a client changed, which of them are others by now, and a merge of these only."""

from __future__ import annotations

from typing import Any

import pycrdt

from jupyter_live.files.align import changed_cells, moved

from .documents import Live, cell, content, notebook

BASE = notebook(cell("a", "1"), cell("b", "2"), cell("c", "3"))


def copy(live: Live) -> Live:
    """Another client's copy of the same history."""
    other = Live(BASE)
    other.doc = pycrdt.Doc()
    other.doc.apply_update(live.doc.get_update())
    return other


def move(live: Live, index: int, to: int) -> None:
    value: dict[str, Any] = live.cells[index].to_py() or {}
    del live.cells[index]
    live.cells.insert(to, pycrdt.Map({**value, "source": pycrdt.Text(value["source"])}))


def test_cells_that_differ_or_are_new_are_changed() -> None:
    mine = notebook(cell("c", "3"), cell("b", "2!"), cell("a", "1", metadata={"trusted": True}), cell("d", ""))
    assert changed_cells(content(BASE), content(mine)) == ["b", "d"]


def test_a_cell_that_was_made_anew_or_deleted_is_another() -> None:
    server = Live(BASE)
    client = copy(server)
    move(server, 0, 2)
    del server.cells[0]
    client.cells.append(pycrdt.Map({"id": "new", "source": pycrdt.Text()}))
    client.cells[0]["source"].insert(0, "mine")
    whole = client.doc.get_update()
    assert moved([whole], [server.doc.get_update()], ["a", "b", "c", "new", "nowhere"]) == {"a", "b"}
    half = [Live(BASE).doc.get_update(), whole]
    assert moved(half, [server.doc.get_update()], ["c"]) == set()


def test_only_the_named_cells_are_merged_and_stay_where_they_are() -> None:
    server = Live(notebook(cell("b", "2"), cell("c", "3"), cell("a", "1\nlive")))
    mine = notebook(cell("c", "3 mine"), cell("a", "0\n1"), cell("d", "4"), lang="x")
    assert server.merge(BASE, mine, only=["a"]).changed == 1
    assert server.sources == {"b": "2", "c": "3", "a": "0\n1\nlive"}
    assert server.value["metadata"] == {}


def test_a_named_cell_that_was_deleted_and_that_the_client_edited_comes_back() -> None:
    server = Live(notebook(cell("a", "1"), cell("c", "3")))
    merged = server.merge(BASE, notebook(cell("a", "1!"), cell("b", "2 mine"), cell("c", "3!")), only=["b"])
    assert server.sources == {"a": "1", "b": "2 mine", "c": "3"}
    assert [conflict.mine for conflict in merged.conflicts] == ["2 mine"]
