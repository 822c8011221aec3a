"""Where a test server's log is, and what can befall it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_live.testing import LiveServer


def database(server: LiveServer) -> Path:
    return server.home / "data" / "jupyter_live" / "live.sqlite3"


def spoil(path: Path) -> None:
    path.write_bytes(b"\xa5" * path.stat().st_size)


def remove(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def set_aside(path: Path) -> list[Path]:
    return sorted(file for file in path.parent.iterdir() if file.name.startswith(f"{path.name}.broken-"))


LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
input()
"""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program has the database for longer than we wait."""
    other = subprocess.Popen([sys.executable, "-c", LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"
        yield
    finally:
        other.kill()
        other.wait()
