"""One server at a time on a file: between looking what is in it and writing it, no other may write it.

The lock is on a file of its own in the system's temporary folder, named after the real path. Nothing is left in
people's folders, and their files themselves are not locked: that is a lock against everybody on some network shares.
It ends with its process in whatever way. It holds for all servers of one machine that share that folder.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)

FOLDER = "jupyter-live-locks"
TRY_AGAIN = 0.02  # seconds; it is held for the few ms that a file takes to be written
PATIENCE = 3.0  # seconds to wait for a server that hangs; what it writes is still seen by its hash


@asynccontextmanager
async def alone(path: Path | None) -> AsyncIterator[None]:
    """Let no other server read or write the file meanwhile. `path` is None for one that is not on this machine.

    Never raises, and goes on in any case: without the lock a save is as safe as against any other program. Not to be
    entered twice for one file.
    """
    lock = await _take(path) if path else None
    try:
        yield
    finally:
        if lock:
            lock.release()


async def _take(path: Path) -> FileLock | None:
    now = asyncio.get_running_loop().time
    latest = now() + PATIENCE
    try:
        # Not one of a thread's own, and usable by all users. In the loop's thread: some 50 us, and never cancelled.
        lock = FileLock(_lock_file(path), mode=0o666, thread_local=False)
        while True:
            with suppress(Timeout):
                lock.acquire(timeout=0)
                return lock
            if now() > latest:
                log.warning("%s is locked by another server for %s s; going on", path, PATIENCE)
                return None
            await asyncio.sleep(TRY_AGAIN)
    except (OSError, ValueError, NotImplementedError) as error:
        log.info("%s cannot be locked against other servers: %r", path, error)
        return None


def _lock_file(path: Path) -> Path:
    folder = Path(tempfile.gettempdir()) / FOLDER
    with suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(0o1777)  # as the temporary folder itself: who comes first is not the only one
    return folder / f"{hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=16).hexdigest()}.lock"
