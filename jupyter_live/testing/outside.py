"""Another program on a file: reads it, changes it, writes it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyter_live.testing.plan import Step
from jupyter_live.testing.truth import Lines

START = ["alpha", "beta", "gamma"]


class File:
    """A notebook or text file in the hands of a program that knows nothing of us."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.kind = kind
        self.whole: str | None = None
        """What should be in the file, while it is broken or gone."""

    def create(self) -> None:
        cells = [self._cell(f"cell-{name}", f"{name} one\n{name} two\n{name} three") for name in START]
        version = {"nbformat": 4, "nbformat_minor": 5 if self.kind == "ids" else 4}
        text = "".join(f"{cell['source']}\n" for cell in cells)
        self.path.write_text(text if self.kind == "text" else json.dumps({"cells": cells, "metadata": {}, **version}))

    def lines(self, name: str = "") -> Lines:
        """What is in the file, or in the one of this name. Raises OSError or ValueError when it is gone or broken."""
        return self._lines((self.path.with_name(name) if name else self.path).read_text())

    def change(self, step: Step) -> tuple[Lines, Lines] | None:
        """What was in it, and what is now; None when the file is gone or broken, or the change cannot be made."""
        try:
            before = self.path.read_text()
            lines = self._lines(before)
        except (OSError, ValueError):
            return None
        after = self._edit(before, step)
        if after == before:
            return None
        self._write(after, atomic=step["atomic"])
        return lines, self._lines(after)

    def tear(self, step: Step) -> None:
        """Write only the first part of what is in it. For a text file that is no different from an edit: not done."""
        if self.kind != "text" and self.whole is None and self.path.exists():
            whole = self.path.read_text()
            if len(whole) > 3:
                self.whole = whole
                self._write(whole[: 1 + step["at"] % (len(whole) - 2)], atomic=False)

    def vanish(self) -> None:
        if self.whole is None and self.path.exists():
            whole = self.path.read_text()
            try:
                self._lines(whole)
            except ValueError:
                return  # the server was killed while it wrote: this is not what should be in it
            self.whole = whole
            self.path.unlink()

    def mend(self, token: str) -> tuple[Lines, Lines] | None:
        """Write the whole of a file that is torn or gone, with a token that was not in it; what `change` returns."""
        whole, self.whole = self.whole, None
        if whole is None:
            return None
        try:
            before = self.lines()  # somebody was quicker
        except (OSError, ValueError):
            before = self._lines(whole)
        after = self._edit(whole, {"how": "line", "cell": 0, "at": 0, "token": token})
        self._write(after, atomic=False)
        return before, self._lines(after)

    def _write(self, text: str, *, atomic: bool) -> None:
        path = self.path.with_name(f"{self.path.name}.new") if atomic else self.path
        path.write_text(text)
        if atomic:
            os.replace(path, self.path)

    def _lines(self, text: str) -> Lines:
        if self.kind == "text":
            return [("", text.split("\n"))]
        cells = json.loads(text)["cells"]
        return [(cell.get("id", ""), "".join(cell["source"]).split("\n")) for cell in cells]

    def _edit(self, text: str, step: Step) -> str:
        if self.kind == "text":
            return _edit_text(text, step)
        notebook = json.loads(text)
        if notebook["cells"]:
            self._edit_cells(notebook, step)
        return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"

    def _edit_cells(self, notebook: dict[str, Any], step: Step) -> None:
        cells, token = notebook["cells"], step["token"]
        at = step["cell"] % len(cells)
        match step["how"]:
            case "reorder":
                cells.insert(step["at"] % len(cells), cells.pop(at))
            case "replace":
                sources = f"{token}\nreplaced", "replaced too"
                cells[:] = [self._cell(f"cell-{token}-{n}", source) for n, source in enumerate(sources)]
            case "add":
                cells.insert(at, self._cell(f"cell-{token}", token))
            case "remove" if len(cells) > 2:
                del cells[at]
            case "output" if cells[at]["cell_type"] == "code":
                cells[at]["outputs"].append({"output_type": "stream", "name": "stdout", "text": [f"ran {token}\n"]})
            case "metadata":
                cells[at]["metadata"]["outside"] = token
            case _:
                cells[at]["source"] = _edit_text("".join(cells[at]["source"]), step)

    def _cell(self, name: str, source: str) -> dict[str, Any]:
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        return cell | ({"id": name} if self.kind == "ids" else {})


def _edit_text(text: str, step: Step) -> str:
    lines, token = text.split("\n"), step["token"]
    at = step["at"] % len(lines)
    match step["how"]:
        case "line":
            lines.insert(at, token)
        case "inline":
            lines[at] += f" {token}"
        case "erase":
            lines[at:] = lines[at + 1 :]
        case "reorder":
            lines.insert(step["cell"] % len(lines), lines.pop(at))
        case "replace":
            lines = [token, "replaced", ""]
    return "\n".join(lines)
