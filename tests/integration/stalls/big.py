"""A notebook of 20 MB with 2,000 cells, as a long analysis leaves it: figures, tables, logs."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

CELLS = 2000
SIZE = 20_000_000  # bytes of the file
_EACH = int(SIZE / CELLS * 1.08)


def write(file: Path) -> None:
    """Always the same notebook."""
    chance = random.Random(1)
    cells = [_cell(number, chance) for number in range(CELLS)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(notebook, indent=1))


def change(file: Path, number: int, line: str) -> None:
    """Change one cell as another program would."""
    notebook = json.loads(file.read_text())
    source = notebook["cells"][number]["source"]
    notebook["cells"][number]["source"] = ("".join(source) if isinstance(source, list) else source) + f"\n{line}"
    file.write_text(json.dumps(notebook, indent=1))


def _cell(number: int, chance: random.Random) -> dict[str, Any]:
    source = "\n".join(f"value_{number}_{k} = compute({chance.random():.6f}, label='row {k}')" for k in range(8))
    cell: dict[str, Any] = {"id": f"cell-{number:05}", "metadata": {}, "source": source}
    if number % 10 == 0:
        return {**cell, "cell_type": "markdown"}
    outputs = [_figure, _table, _log][number % 3](number, chance)
    return {**cell, "cell_type": "code", "execution_count": number, "outputs": [outputs]}


def _figure(number: int, chance: random.Random) -> dict[str, Any]:
    data = {"image/png": base64.b64encode(chance.randbytes(_EACH * 3 // 4)).decode(), "text/plain": "<Figure>"}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _table(number: int, chance: random.Random) -> dict[str, Any]:
    rows = "".join(f"<tr><td>{k}</td><td>{chance.random():.6f}</td></tr>" for k in range(_EACH // 38))
    data = {"text/html": f"<table>{rows}</table>", "text/plain": "   a  b\n" * 20}
    return {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}


def _log(number: int, chance: random.Random) -> dict[str, Any]:
    text = "".join(f"{k:5}: loss {chance.random():.12f}\n" for k in range(_EACH // 29))
    return {"output_type": "stream", "name": "stdout", "text": text}
