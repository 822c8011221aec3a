"""Whose database it is. Two servers each have a replica of their own, so they must never write into one history."""

from __future__ import annotations

import itertools
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_live.config import redacted
from jupyter_live.errors import LiveError
from jupyter_live.log.database import prepare
from jupyter_live.log.shared import prepare_shared

log = logging.getLogger(__name__)

STOPPING = 3.0  # seconds to wait for a server that is about to stop, as its successor


@dataclass(frozen=True, slots=True)
class Owned:
    """A database that this process may use until `release`, or until it dies in whatever way."""

    release: Callable[[], None]
    path: Path = Path()
    """The file that is this process's alone, if it is one."""
    trouble: LiveError | None = None
    """Why it is not where it should be."""


def own(wanted: Path) -> Owned:
    """Take and prepare the database `wanted`; while other servers have that, the first free one beside it.

    Where there can be none, it is in a temporary folder: people can work, and their files are saved.
    """
    try:
        return _take(wanted)
    except Exception as error:  # whatever is wrong with that place
        folder = Path(tempfile.mkdtemp(prefix="jupyter-live-"))
        trouble = LiveError(
            "log_temporary", f"{wanted}: {error!r}; changes are logged in {folder} until the server stops"
        )
        log.exception("%s", trouble)
        return replace(_take(folder / wanted.name), trouble=trouble)


def share(url: str) -> Owned:
    """Prepare a database that other processes use, too. Raises LiveError `not_ready` when it cannot be reached."""
    prepare_shared(redacted(url))
    return Owned(lambda: None)


def _take(wanted: Path) -> Owned:
    wanted.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in itertools.count(1):
        path = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}.{number}")
        # Not one of a thread's own, since it is taken in one that ends. Kernels do not inherit it: it is close-on-exec.
        lock = FileLock(path.with_suffix(".lock"), thread_local=False)
        try:
            lock.acquire(timeout=STOPPING if number == 1 else 0)
        except Timeout:
            log.info("%s belongs to another server", path)
            continue
        try:
            prepare(path)
        except BaseException:
            lock.release()
            raise
        return Owned(lock.release, path)
    raise AssertionError
