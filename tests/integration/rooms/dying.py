"""A server that is killed in the middle of writing a file."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live.testing import LiveClient, LiveServer

PLACE = "dies-at"  # beside the files: after how much of a file the next write ends, or "before" it begins


class Dying(AsyncLargeFileManager):
    """Writes files whole, until it is told how much it is to write of the next one."""

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        place = Path(self.root_dir) / PLACE
        if place.exists() and place.read_text() == "before":
            place.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        if place.exists():
            share = float(place.read_text())
            place.unlink()
            file = Path(self.root_dir) / path
            whole = file.read_bytes()
            os.truncate(file, int(len(whole) * share))
            os.kill(os.getpid(), signal.SIGKILL)
        return saved


def server(home: Path) -> LiveServer:
    """One that saves only when it is asked to, and dies of it where `die` says."""
    server = LiveServer(home, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600")
    _configure(server)
    return server


async def die(server: LiveServer, client: LiveClient, place: float | str) -> None:
    """Have the server killed after that share of the file, or "before" it is written, and start another."""
    await client.until(lambda: client.is_logged)
    (server.work / PLACE).write_text(str(place))
    await client.send(b"\x02\x04save\x01")
    await client.until(lambda: client.closed)
    assert server.stop() == -signal.SIGKILL
    await asyncio.to_thread(server.start)


def _configure(server: LiveServer) -> None:
    folder = server.home / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jupyter_server_config.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent.parent)!r})\n"
        "from rooms import dying\n"
        "c.ServerApp.contents_manager_class = dying.Dying\n"
    )
