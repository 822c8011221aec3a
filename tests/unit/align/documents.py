"""Live documents to merge into."""

from __future__ import annotations

import copy
from typing import Any

import pycrdt

from jupyter_live.files import convert
from jupyter_live.files.align import Merged, merge

Value = Any


def cell(cell_id: str, source: str, cell_type: str = "code", **more: Any) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if cell_type == "code" else {}
    return {"id": cell_id, "cell_type": cell_type, "source": source, "metadata": {}, **code, **more}


def notebook(*cells: dict[str, Any], minor: int = 5, **metadata: Any) -> dict[str, Any]:
    return {"cells": copy.deepcopy(list(cells)), "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def content(value: Value, doc_type: str = "") -> Value:
    """The value as it is after it has been read from a file."""
    return convert.to_update(doc_type or _type(value), copy.deepcopy(value))[1].value


class Live:
    """A document that people have open."""

    def __init__(self, value: Value) -> None:
        self.type = _type(value)
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.doc.apply_update(convert.to_update(self.type, copy.deepcopy(value))[0])

    def merge(self, base: Value, changed: Value, only: list[str] | None = None, *, again: bool = False) -> Merged:
        """Merge base -> changed in."""
        merged = merge(self.type, content(base), content(changed), self.doc.get_update(), only, again=again)
        if merged.update is not None:
            self.doc.apply_update(merged.update)
        return merged

    @property
    def value(self) -> Value:
        return convert.to_content(self.type, self.doc.get_update()).value

    @property
    def text(self) -> pycrdt.Text:
        text: pycrdt.Text = self.doc.get("source", type=pycrdt.Text)
        return text

    @property
    def cells(self) -> pycrdt.Array[Any]:
        cells: pycrdt.Array[Any] = self.doc.get("cells", type=pycrdt.Array)
        return cells

    @property
    def sources(self) -> dict[str, str]:
        """Sources by id, in order."""
        return {cell["id"]: str(cell["source"]) for cell in self.cells}


def _type(value: Value) -> str:
    return "file" if isinstance(value, str) else "notebook"
