"""What is in the matrix' documents, how people edit it, and how other programs change the file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_live.testing import LiveClient
from jupyter_live.testing.content import insert

from .cases import File, Kind

TYPED, OFFLINE, OUTSIDE = "[typed 😀]", "[offline]", "[outside]"
NEW, NEW_OFFLINE = "a new cell", "a new cell, made offline"

Cell = tuple[str, list[str]]
"""Id and lines. A text file is one cell."""

START: list[Cell] = [
    (name, [f"{name} one", f"{name} two, which is edited", f"{name} three"])
    for name in ("anna", "bert", "carl", "dora")
]
EDITED = START[0][1][1]
REPLACED: list[Cell] = [("xeno", ["xeno one", "xeno two"]), ("yves", ["yves one"])]


def lines(cells: list[Cell]) -> list[str]:
    return [line for _, lines in cells for line in lines]


def write(path: Path, kind: Kind, cells: list[Cell]) -> None:
    """Write a file as other programs do: beside it first, then in its place."""
    beside = path.with_name(f"{path.name}.tmp")
    if kind.is_text:
        beside.write_text("".join(f"{line}\n" for line in lines(cells)))
    else:
        beside.write_text(json.dumps(_notebook(kind, cells), indent=1))
    os.replace(beside, path)


def read(path: Path, kind: Kind) -> list[Cell]:
    if kind.is_text:
        return [("", path.read_text().splitlines())]
    cells = json.loads(path.read_text())["cells"]
    return [(cell.get("id", ""), "".join(cell["source"]).split("\n")) for cell in cells]


def seen(client: LiveClient, kind: Kind) -> list[Cell]:
    """The document as a client has it."""
    if kind.is_text:
        return [("", str(client.text).splitlines())]
    return [(cell["id"], str(cell["source"]).split("\n")) for cell in client.cells]


def edit(client: LiveClient, kind: Kind, token: str, before: str, new: str) -> None:
    """Type a token into the line that is edited, before a word, and add a cell (or line) after the first two."""
    texts = [client.text] if kind.is_text else [cell["source"] for cell in client.cells]
    text = next(text for text in texts if before in str(text) and "anna two" in str(text))
    insert(text, str(text).index(before, str(text).index("anna two")), f"{token} ")
    if kind.is_text:
        insert(text, str(text).index("carl one"), f"{new}\n")
    else:
        client.add_cell(2, new, f"id-of-{new.replace(' ', '-').replace(',', '')}")


def change(path: Path, kind: Kind, how: File) -> None:
    """Another program reads the file, changes it, and writes it."""
    if change := _CHANGES[how]:
        write(path, kind, change(read(path, kind)))


def _elsewhere(cells: list[Cell]) -> list[Cell]:
    return _replace(cells, "dora two", f"dora two {OUTSIDE}")


def _line(cells: list[Cell]) -> list[Cell]:
    return _replace(cells, "edited", f"edited {OUTSIDE}", where="anna two")


def _order(cells: list[Cell]) -> list[Cell]:
    return cells[::-1] if len(cells) > 1 else [("", cells[0][1][::-1])]


def _replace(cells: list[Cell], old: str, new: str, where: str = "") -> list[Cell]:
    return [(name, [line.replace(old, new) if where in line else line for line in lines]) for name, lines in cells]


_CHANGES: dict[File, Callable[[list[Cell]], list[Cell]] | None] = {
    File.SAME: None,
    File.ELSEWHERE: _elsewhere,
    File.LINE: _line,
    File.ORDER: _order,
    File.REPLACED: lambda _: REPLACED,
}


def _notebook(kind: Kind, cells: list[Cell]) -> dict[str, Any]:
    made = list[dict[str, Any]]()
    for name, source in cells:
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": "\n".join(source),
        }
        made.append(cell | ({"id": name} if kind is Kind.IDS else {}))
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5 if kind is Kind.IDS else 4}
