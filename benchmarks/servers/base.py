"""One server in a process of its own, on 127.0.0.1 and on its own core."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import ClassVar

from benchmarks import machine
from benchmarks.dialects import YWebsocket

START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0


class Room:
    """Where a document is opened, and how."""

    def __init__(self, url: str, dialect: YWebsocket, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self.dialect = dialect
        self.headers = headers or {}


class Server:
    """Starts and ends one server. `home` is an empty folder for what it writes.

    RuntimeError when it does not start, with the end of what it printed.
    """

    name: ClassVar[str]

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self._log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What starts it, on `port` of 127.0.0.1."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What it needs on top of this process' environment."""
        return {}

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def room(self, name: str) -> Room:
        """Open a new, empty text document."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def usage(self) -> machine.Usage:
        return machine.usage(self.pid)

    def __enter__(self) -> Server:
        with self._log.open("wb") as log, machine.server_core():
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.home,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"{self.name} did not start:\n{self.log()[-2000:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        return self._log.read_text(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
