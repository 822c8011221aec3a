"""Whose database it is. Two servers each have a replica of their own, so they must never write into one history."""

from __future__ import annotations

import itertools
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_live.errors import LiveError
from jupyter_live.log.database import prepare

log = logging.getLogger(__name__)

STOPPING = 3.0  # seconds to wait for a server that is about to stop, as its successor


@dataclass(frozen=True, slots=True)
class Owned:
    """A database that is this process's alone until `lock` is released, or the process dies in whatever way."""

    path: Path
    lock: FileLock
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
        owned = _take(folder / wanted.name)
        return Owned(owned.path, owned.lock, trouble)


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
        return Owned(path, lock)
    raise AssertionError
