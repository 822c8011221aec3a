"""A document's content as clients edit it: the shared model of JupyterLab, as far as tests need it."""

from __future__ import annotations

from typing import Any

import pycrdt


class Content:
    """Reading and editing `doc`; as a browser does it, a moved cell is deleted and made again."""

    doc: pycrdt.Doc[Any]

    @property
    def text(self) -> pycrdt.Text:
        """The source of a text file."""
        text: pycrdt.Text = self.doc.get("source", type=pycrdt.Text)
        return text

    @property
    def cells(self) -> pycrdt.Array[Any]:
        cells: pycrdt.Array[Any] = self.doc.get("cells", type=pycrdt.Array)
        return cells

    @property
    def sources(self) -> list[str]:
        return [str(cell["source"]) for cell in self.cells]

    @property
    def state(self) -> dict[str, Any]:
        """The document's `state` map: path, hash, dirty."""
        state: dict[str, Any] = self.doc.get("state", type=pycrdt.Map).to_py() or {}
        return state

    def add_cell(self, index: int, source: str, cell_id: str) -> None:
        cell: dict[str, Any] = {"id": cell_id, "cell_type": "code", "metadata": {}, "execution_count": None}
        self.cells.insert(index, pycrdt.Map({**cell, "source": pycrdt.Text(source), "outputs": pycrdt.Array()}))

    def move_cell(self, index: int, to: int) -> None:
        """Move a cell so that it has index `to` afterwards."""
        cell = self.cells[index].to_py()
        with self.doc.transaction():
            del self.cells[index]
            self.cells.insert(to, _cell(cell))


def insert(text: pycrdt.Text, at: int, what: str) -> None:
    """Insert at a character's index: the engine's own indices count UTF-8 bytes."""
    text.insert(_offset(text, at), what)


def delete(text: pycrdt.Text, start: int, end: int) -> None:
    """Delete characters by their indices."""
    del text[_offset(text, start) : _offset(text, end)]


def _offset(text: pycrdt.Text, at: int) -> int:
    return len(str(text)[:at].encode())


def _cell(value: dict[str, Any]) -> pycrdt.Map[Any]:
    cell = {**value, "source": pycrdt.Text(value["source"]), "metadata": pycrdt.Map(value["metadata"])}
    if "outputs" in value:
        cell["outputs"] = pycrdt.Array([_output(output) for output in value["outputs"]])
    return pycrdt.Map(cell)


def _output(value: dict[str, Any]) -> pycrdt.Map[Any]:
    is_stream = value["output_type"] == "stream"
    return pycrdt.Map({**value, "text": pycrdt.Text(value["text"])} if is_stream else value)
