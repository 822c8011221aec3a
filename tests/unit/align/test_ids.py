"""Ids: a file may lack them or have others; after a merge it is known what the document calls its cells."""

from __future__ import annotations

from typing import Any

from jupyter_live.files.align import merge
from jupyter_live.files.convert import to_content, to_update


def notebook(*sources: str, minor: int = 4) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "execution_count": None, "metadata": {}, "outputs": []}
        for source in sources
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor}


def test_the_cells_of_a_file_without_ids_are_called_what_the_document_calls_them() -> None:
    update, base = to_update("notebook", notebook("a = 1", "b = 2", "total = 3"))
    _, changed = to_update("notebook", notebook("b = 2", "new", "a = 1", "total = 3"))
    merged = merge("notebook", base.identified, changed.identified, update)
    assert merged.update is not None
    after = to_content("notebook", update, merged.update)
    assert [cell["source"] for cell in after.value["cells"]] == ["b = 2", "new", "a = 1", "total = 3"]
    assert merged.ids == after.ids
    assert (merged.ids[0], merged.ids[2], merged.ids[3]) == (base.ids[1], base.ids[0], base.ids[2])
