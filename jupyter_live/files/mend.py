"""Cells that are there twice, since two people moved one at once: a move deletes a cell and inserts it anew."""

from __future__ import annotations

import uuid
from typing import Any

import pycrdt


def mend(doc: pycrdt.Doc[Any]) -> bytes | None:
    """Leave one cell of each id in a notebook document; returns what that changes, None when there is nothing to do.

    Of two with one id the one whose source contains the other's stays. Where neither does, both stay, and the second
    gets an id of its own: nobody's text is lost.
    """
    cells = doc.get("cells", type=pycrdt.Array)
    ids = [cell.get("id") for cell in cells if isinstance(cell, pycrdt.Map)]
    if len(set(map(str, ids))) == len(ids):
        return None
    before = doc.get_state()
    with doc.transaction():
        for index in _superfluous(cells):
            del cells[index]
    return doc.get_update(before)


def _superfluous(cells: pycrdt.Array[Any]) -> list[int]:
    """Indexes to delete, the last first. Gives a new id to a cell that has to stay."""
    first: dict[str, int] = {}
    superfluous: set[int] = set()
    for index, cell in enumerate(cells):
        if not isinstance(cell, pycrdt.Map) or not isinstance(cell.get("id"), str):
            continue
        kept = first.setdefault(cell["id"], index)
        if kept == index:
            continue
        one, other = str(cells[kept].get("source")), str(cell.get("source"))
        if other in one:
            superfluous.add(index)
        elif one in other:
            superfluous.add(kept)
            first[cell["id"]] = index
        else:
            cell["id"] = str(uuid.uuid4())
    return sorted(superfluous, reverse=True)
