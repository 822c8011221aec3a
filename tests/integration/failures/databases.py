"""Where a test server's log is, and what can befall it."""

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
