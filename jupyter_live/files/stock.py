"""Jupyter's own contents managers, and how to make the same one again, for a thread or another process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints, FileCheckpoints
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager, FileContentsManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from nbformat.sign import NotebookNotary

from jupyter_live.files.plain import plain_of

log = logging.getLogger(__name__)

# Each with the one that waits for what it does.
_MANAGERS: dict[type[Any], type[Any]] = {
    AsyncLargeFileManager: LargeFileManager,
    AsyncFileContentsManager: FileContentsManager,
    LargeFileManager: LargeFileManager,
    FileContentsManager: FileContentsManager,
}
_CHECKPOINTS: dict[type[Any], type[Any]] = {AsyncFileCheckpoints: FileCheckpoints, FileCheckpoints: FileCheckpoints}

# What of their settings matters for reading and writing.
_SETTINGS = ("root_dir", "use_atomic_writing", "allow_hidden", "hash_algorithm")
_CHECKPOINT_SETTINGS = ("root_dir", "checkpoint_dir", "use_atomic_writing")
_NOTARY_SETTINGS = ("algorithm", "data_dir", "db_file", "secret", "secret_file")

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stock:
    """A contents manager that is Jupyter's own, without anything that others have plugged in."""

    kind: type[Any]
    settings: Settings
    checkpoints: type[Any]
    checkpoint_settings: Settings
    notary_settings: Settings

    @contextmanager
    def manager(self) -> Iterator[Any]:
        """A manager of the same settings that waits for what it does. It has nobody to tell of it; see `emit`."""
        make: Any = NotebookNotary  # without types
        with closing(make(**self.notary_settings)) as notary:
            manager = self.kind(**self.settings, notary=notary)
            manager.checkpoints = self.checkpoints(parent=manager, **self.checkpoint_settings)
            yield manager


def stock_of(manager: Any) -> Stock | None:
    """How to make such a manager again; None where it is not Jupyter's own, or does more than that would."""
    if type(manager) not in _MANAGERS or type(manager.checkpoints) not in _CHECKPOINTS:
        return None
    hooks = manager.pre_save_hook, manager.post_save_hook, *manager._pre_save_hooks, *manager._post_save_hooks
    if any(hooks) or {"get", "save", "file_exists"} & vars(manager).keys():  # or methods that were replaced
        return None
    if type(manager.notary) is not NotebookNotary or "store_factory" in manager.notary.config.get("NotebookNotary", {}):
        return None
    if plain_of(manager) is None or manager.notary.db_file == ":memory:":  # of which another one knows nothing
        return None
    return Stock(
        _MANAGERS[type(manager)],
        _settings(manager, _SETTINGS),
        _CHECKPOINTS[type(manager.checkpoints)],
        _settings(manager.checkpoints, _CHECKPOINT_SETTINGS),
        _settings(manager.notary, _NOTARY_SETTINGS),
    )


def emit(manager: Any, action: str, path: str) -> None:
    """Tell the server's listeners what was done elsewhere, as a manager itself does."""
    try:
        manager.emit(data={"action": action, "path": path.strip("/")})
    except Exception:
        log.exception("server_error: a listener failed on the %s of %s", action, path)


def _settings(of: Any, names: tuple[str, ...]) -> Settings:
    return {name: getattr(of, name) for name in names if of.has_trait(name)}
