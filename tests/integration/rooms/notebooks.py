"""Notebook files, as little and as much as a test needs."""

import json
from pathlib import Path
from typing import Any

Cell = dict[str, Any]


def code(source: str, cell_id: str | None = None, outputs: list[dict[str, Any]] | None = None, **metadata: Any) -> Cell:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": outputs or [],
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"id": cell_id} if cell_id else {})


def markdown(source: str, cell_id: str | None = None) -> Cell:
    cell = {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}
    return cell | ({"id": cell_id} if cell_id else {})


def write(path: Path, *cells: Cell, minor: int = 5, **metadata: Any) -> None:
    """Write a notebook in the way that nbformat does: sorted keys, one space, a newline at the end."""
    notebook = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}
    path.write_text(json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def sources(path: Path) -> list[str]:
    """The sources of the cells of a notebook file; none while a server writes it, which it does in place."""
    try:
        cells = json.loads(path.read_text())["cells"]
    except json.JSONDecodeError:
        return []
    return ["".join(cell["source"]) for cell in cells]
