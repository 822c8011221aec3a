"""Which file has which id: jupyter-server-fileid, as far as we need it."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

from jupyter_live.errors import LiveError

log = logging.getLogger(__name__)


class FileIds:
    """Finds files by id and ids by path. `settings` are the web application's: the extension may load after us."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._identity: str | None = None

    def of(self, path: str) -> tuple[str, bool]:
        """The id of the file at `path`, and whether it is new."""
        known = self._manager.get_id(path)
        return (known, False) if known else (self._manager.index(path), True)

    def find(self, file_id: str) -> str | None:
        """The path of a file id now; None when it is unknown."""
        path: str | None = self._manager.get_path(file_id)
        return path

    def at(self, path: str) -> str | None:
        """The id of the file at a path; None when it has none."""
        file_id: str | None = self._manager.get_id(path)
        return file_id

    def claim(self, file_id: str, path: str) -> bool:
        """The file of this id was found or written at `path`. False when that is another file's: nothing is changed."""
        try:
            if (other := self.at(path)) is not None:
                return other == file_id
            if old := self.find(file_id):
                self._manager.move(old, path)
            else:
                self._restore(file_id, path)
            return True
        except sqlite3.Error:
            log.exception("%s does not get its id %s", path, file_id)
            return False

    def take(self, file_id: str, path: str) -> None:
        """The file of this id was renamed to `path`, where no other can be then, whatever was there once.

        The manager notes a renaming itself, but not to a path that it knows, nor of files in a folder it does not know.
        """
        try:
            if self.at(path) not in (None, file_id):
                self._manager.delete(path)
        except sqlite3.Error:
            log.exception("%s keeps its old id", path)
        self.claim(file_id, path)

    def identity(self) -> str:
        """What tells this database of ids from every other, wherever it is moved; kept in it. 36 characters at most."""
        if self._identity is None:
            self._identity = self._kept_identity()
        return self._identity

    def _kept_identity(self) -> str:
        connection = getattr(self._manager, "con", None)
        if connection is None:  # a manager that keeps ids in another way: all of its kind are taken for one
            return type(self._manager).__name__[:36]
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS JupyterLive (only INTEGER PRIMARY KEY, id TEXT NOT NULL)")
            connection.execute("INSERT OR IGNORE INTO JupyterLive VALUES (1, ?)", (str(uuid.uuid4()),))
            (found,) = connection.execute("SELECT id FROM JupyterLive").fetchone()
        return str(found)

    def _restore(self, file_id: str, path: str) -> None:
        """Give a path the id that was forgotten when its file was deleted. The manager itself only makes new ones."""
        new = self._manager.index(path)
        with self._manager.con as connection:
            connection.execute("UPDATE Files SET id = ? WHERE id = ?", (file_id, new))

    @property
    def _manager(self) -> Any:
        manager = self._settings.get("file_id_manager")
        if manager is None:  # its extension has told why
            raise LiveError("not_started", "jupyter_server_fileid is not there")
        return manager
