"""Which file has which id: jupyter-server-fileid, as far as we need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FileIds:
    """Finds files by id and ids by path. `settings` are the web application's: the extension may load after us."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def of(self, path: str) -> tuple[str, bool]:
        """The id of the file at `path`, and whether it is new."""
        known = self._manager.get_id(path)
        return (known, False) if known else (self._manager.index(path), True)

    def find(self, file_id: str) -> str | None:
        """The path of a file id now; None when it is unknown."""
        path: str | None = self._manager.get_path(file_id)
        return path

    def move(self, old: str, new: str) -> None:
        """The file at `old` was found at `new`."""
        self._manager.move(old, new)

    @property
    def _manager(self) -> Any:
        return self._settings["file_id_manager"]
