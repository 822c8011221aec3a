"""Logs to test with, and what can befall their files."""

from pathlib import Path

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.log.sql import SqlLog
from jupyter_live.testing.engine import read

PAGE = 4096


def sql_log() -> SqlLog:
    """A log in the database that Django uses now."""
    engine = PycrdtEngine()
    return SqlLog(engine.merge, engine.fold, engine.fold_onto)


def folded(*updates: bytes) -> bytes:
    return PycrdtEngine().fold(updates)


def text(*updates: bytes) -> str:
    return read(folded(*updates))


def overwrite(path: Path, start: int = 0) -> None:
    """Spoil a file from a position on."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (size - start))


def set_aside(database: Path) -> list[Path]:
    """What was kept of damaged databases beside this one."""
    return sorted(path for path in database.parent.iterdir() if ".broken-" in path.name)


def size_of(path: Path) -> int:
    """Bytes of a file."""
    return path.stat().st_size


def contents(path: Path) -> list[bytes]:
    """What is in a file, or in the files of a folder."""
    return sorted(file.read_bytes() for file in (path.iterdir() if path.is_dir() else [path]))
