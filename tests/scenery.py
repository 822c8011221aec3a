"""A document type as another package brings it: `jupyter_ydoc` finds its class by an entry point."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt
from jupyter_ydoc.ybasedoc import YBaseDoc

ENTRY_POINTS = """[jupyter_ydoc]
scene = scenery:YScene
photo = scenery:YPhoto
"""


class YScene(YBaseDoc):
    """As JupyterCAD's and jupyterlab-chat's: JSON made of a list of shared maps, a map, a text."""

    version = "1"

    def __init__(self, ydoc: pycrdt.Doc[Any] | None = None, awareness: Any = None) -> None:
        super().__init__(ydoc, awareness)
        self.dirty = True  # as YChat: whoever makes one writes into the document
        self.objects = self._ydoc.get("objects", type=pycrdt.Array)
        self.options = self._ydoc.get("options", type=pycrdt.Map)
        self.notes = self._ydoc.get("notes", type=pycrdt.Text)

    def get(self) -> str:
        value = {"notes": str(self.notes), "options": self.options.to_py(), "objects": self.objects.to_py()}
        return json.dumps(value)

    def set(self, value: str) -> None:
        content = json.loads(value)
        self.objects.clear()
        self.objects.extend([pycrdt.Map(each) if isinstance(each, dict) else each for each in content["objects"]])
        self.options.clear()
        self.options.update(content.get("options", {}))
        self.notes.clear()
        self.notes += content.get("notes", "")

    def observe(self, callback: Callable[[str, Any], None]) -> None:
        raise NotImplementedError("what a server would do with the file needs none")


class YPhoto(YBaseDoc):
    """A binary file, whose content is base64 to Jupyter."""

    version = "1"

    def __init__(self, ydoc: pycrdt.Doc[Any] | None = None, awareness: Any = None) -> None:
        super().__init__(ydoc, awareness)
        self.bytes = self._ydoc.get("source", type=pycrdt.Map)

    def get(self) -> str:
        content: str = self.bytes.get("base64", "")
        return content

    def set(self, value: str) -> None:
        self.bytes["base64"] = value

    def observe(self, callback: Callable[[str, Any], None]) -> None:
        raise NotImplementedError("what a server would do with the file needs none")


def install(folder: Path) -> None:
    """Make an installed package of this module, for who has `folder` on the path."""
    info = folder / "scenery-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scenery\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "scenery.py").write_text(Path(__file__).read_text())
