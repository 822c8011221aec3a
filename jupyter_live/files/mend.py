"""Cells that are there twice, since two people moved one at once: a move deletes a cell and inserts it anew."""

from __future__ import annotations

from typing import Any

import pycrdt

from jupyter_live.files.align.cell import merge_cell


def mend(doc: pycrdt.Doc[Any]) -> bytes | None:
    """Leave one cell of each id in a notebook document; returns what that changes, None when there is nothing to do.

    The first one gets what the others have more: nobody's text is lost.
    """
    cells = doc.get("cells", type=pycrdt.Array)
    ids = [str(cell.get("id")) if isinstance(cell, pycrdt.Map) else None for cell in cells]
    known = [cell_id for cell_id in ids if cell_id is not None]
    if len(set(known)) == len(known):
        return None
    before = doc.get_state()
    with doc.transaction():
        for index, cell_id in reversed([*enumerate(ids)]):
            if cell_id is not None and (first := ids.index(cell_id)) != index:
                one, other = cells[first], cells[index]
                merge_cell(one, None, other.to_py(), one.to_py())
                del cells[index]
    return doc.get_update(before)
