"""y-websocket in Node, driven from Python."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_live.testing import LiveServer

JS = Path(__file__).parent / "js"
PACKAGES = ["y-websocket-1", "y-websocket-3"]
TIMEOUT = 20.0  # seconds until `until` gives up: generous, machines are slow


def install() -> None:
    """Have the npm packages of js/package-lock.json in js/node_modules; quick when they are there."""
    lock, mark = JS / "package-lock.json", JS / "node_modules" / ".package-lock.json"
    if mark.is_file() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    assert npm, "these tests need Node.js with npm: scripts/test installs it"
    subprocess.run([npm, "ci"], cwd=JS, check=True)
    os.utime(mark)


class YClient:
    """A y-websocket provider with its document, in a process of its own."""

    def __init__(self, package: str, server: LiveServer, session: dict[str, str]) -> None:
        room = f"{session['format']}:{session['type']}:{session['fileId']}"
        params = {"sessionId": session["sessionId"], "token": server.token}
        url = server.url.replace("http", "ws", 1) + "api/collaboration/room"
        self.package = package
        self.state: dict[str, Any] = {}
        self._complaints = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            ["node", "client.cjs", package, url, room, json.dumps(params)],
            cwd=JS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
        )

    async def do(self, what: str, **order: Any) -> dict[str, Any]:
        """Give an order; returns the client's state after it."""
        return await asyncio.to_thread(self._ask, {"do": what, **order})

    async def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait until the client's state is as wished; fails with the state if it never is."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        while not condition(state := await self.do("look")):
            assert asyncio.get_running_loop().time() < deadline, f"{self.package} never came there: {state}"
            await asyncio.sleep(0.02)
        return state

    async def synced(self) -> YClient:
        await self.until(lambda state: state["synced"])
        return self

    def close(self) -> None:
        """End the process; fails if the client complained (it logs messages that it cannot read)."""
        with self._process, self._complaints:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(TIMEOUT)
            self._complaints.seek(0)
            assert self._complaints.read().decode() == ""

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{self.package} is gone, exit status {self._process.wait(TIMEOUT)}"
        self.state = json.loads(line)
        return self.state
