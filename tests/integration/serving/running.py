"""The toy's program, run in a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

TOY = Path(__file__).with_name("toy.py")
PATIENCE = 60.0  # seconds: generous, machines are slow


class Toy:
    """Serves until the test ends it."""

    def __init__(self, server: str, options: dict[str, Any]) -> None:
        command = [sys.executable, str(TOY), server, json.dumps(options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = 0
        self.told: list[str] = []
        self.errors = ""
        self._lines: Queue[str] = Queue()
        self._threads = [Thread(target=self._read), Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Toy:
        try:
            self.port = int(self.until("ready").split()[1])
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def until(self, word: str) -> str:
        """The next line of output that begins with a word."""
        while not (line := self._next(word)).startswith(word):
            pass
        return line

    def _next(self, word: str) -> str:
        try:
            line = self._lines.get(timeout=PATIENCE)
        except Empty:
            line = ""
        assert line, f"the toy did not tell {word!r}, but {self.told}\n{self.errors}"
        self.told.append(line)
        return line

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def status(self) -> int:
        """Wait until it has ended, and return its exit status."""
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        while not self._lines.empty():
            self.told.append(self._lines.get())
        self.told = [line for line in self.told if line]

    def connect(self, path: str, **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/{path}", compression=None, max_size=None, **options)

    async def ask(self, method: str, path: str, *rest: Any) -> tuple[int, bytes]:
        """Status and body of a request by a connection of its own."""

        def work() -> tuple[int, bytes]:
            with self.http() as connection:
                return asked(connection, method, path, *rest)

        return await asyncio.to_thread(work)

    def http(self) -> Http:
        return Http("127.0.0.1", self.port, timeout=PATIENCE)

    def memory(self) -> float:
        """Of the process, in MiB."""
        command = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return float(subprocess.check_output(command)) / 1024

    def _read(self) -> None:
        with self.process.stdout as out:  # type: ignore[union-attr]
            for line in out:
                self._lines.put(line.rstrip("\n"))
        self._lines.put("")  # the end

    def _read_errors(self) -> None:
        with self.process.stderr as err:  # type: ignore[union-attr]
            for line in err:
                self.errors += line


class Http(HTTPConnection):
    def __enter__(self) -> Http:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def asked(connection: HTTPConnection, method: str, path: str, *rest: Any) -> tuple[int, bytes]:
    connection.request(method, f"/{path}", *rest)
    response = connection.getresponse()
    return response.status, response.read()


async def closed(client: ClientConnection) -> tuple[int | None, str | None]:
    """Code and reason with which the server has closed."""
    await asyncio.wait_for(client.wait_closed(), PATIENCE)
    return client.close_code, client.close_reason
