"""A real Jupyter server with Jupyter Live, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from jupyter_live import protocol
from jupyter_live.testing.holding import Kept

START_TIMEOUT = 60.0

MODULES = {"server": "jupyter_server", "lab": "jupyterlab"}

NOT_NEEDED = ("jupyterlab", "jupyterlab_jupytext", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim")
"""Extensions that a server without a front end does without: loading them takes more than all the rest."""


class LiveServer:
    """Starts, stops and kills one Jupyter server on 127.0.0.1.

    All of Jupyter's folders are below `home`, and survive a restart; notebooks are served from `home/work`. It runs in
    this process's Python, or in another one (`python`), with `variables` in its environment.
    """

    def __init__(
        self,
        home: Path,
        *options: str,
        app: str = "server",
        base_url: str = "/",
        token: str = "secret",
        python: Path | str = sys.executable,
        variables: Mapping[str, str] | None = None,
    ):
        self.home = home
        self.work = home / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.app = app
        self.token = token
        self.python = str(python)
        self.variables = variables or {}
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}{base_url}"
        self.base_url = base_url
        self.log_file = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> LiveServer:
        folders = {f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        lab = {f"JUPYTERLAB_{name}_DIR": str(self.home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
        command = [
            # Not `-m jupyter server`: that starts the first `jupyter-server` on PATH, perhaps another environment's.
            *(self.python, "-m", MODULES[self.app], "--no-browser", "--allow-root"),
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.root_dir={self.work}",
            f"--ServerApp.base_url={self.base_url}",
            f"--IdentityProvider.token={self.token}",
            *(f"--ServerApp.jpserver_extensions={name}=False" for name in NOT_NEEDED if self.app == "server"),
            *self.options,
        ]
        variables = {**os.environ, **folders, **lab, **self.variables}
        with self.log_file.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=self.work, env=variables, stdout=out, stderr=subprocess.STDOUT
            )
        self._wait_until_ready()
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server with a signal and wait for it; returns the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            status = self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"the server did not stop after {how.name}; its log:\n{self.log()}") from None
        self._process = None
        return status

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def __enter__(self) -> LiveServer:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, signed_in: bool = True
    ) -> tuple[int, Any]:
        """One HTTP request below the base URL: the status, and the answer as JSON if it is JSON, else as text.

        A `body` of bytes is sent as it is, any other as JSON.
        """
        authorization = {"Authorization": f"token {self.token}"} if signed_in else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = Request(self.url + path, data, {**authorization, **(headers or {})}, method=method)
        try:
            with urlopen(request, timeout=60) as response:
                status, text = response.status, response.read().decode()
        except HTTPError as error:
            status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def session(self, path: str, doc_format: str = "json", doc_type: str = "notebook") -> tuple[int, Any]:
        """Ask for the session of a file."""
        return self.request(
            "PUT", f"api/collaboration/session/{quote(path, safe='')}", {"format": doc_format, "type": doc_type}
        )

    def hand_in(self, kept: Kept, *, token: str | None = None) -> tuple[int, Any]:
        """Hand in what a client holds of a history."""
        parts = [kept.base, kept.mine, *([kept.logged] if kept.logged else [])]
        body = b"".join(protocol.write_varuint(len(part)) + part for part in parts)
        headers = {"Content-Type": "application/octet-stream"}
        if token:
            headers["Authorization"] = f"token {token}"
        return self.request("PUT", f"api/collaboration/history/{kept.room}?sessionId={kept.epoch}", body, headers)

    def timeline(self, path: str, doc_format: str = "json", doc_type: str = "notebook") -> tuple[int, Any]:
        """Ask for the moments of a file, as @jupyter/docprovider does."""
        query = f"format={doc_format}&&type={doc_type}"
        return self.request("GET", f"api/collaboration/timeline/{quote(path)}?{query}")

    def moment(self, room: str, number: int) -> tuple[int, Any]:
        """Ask what a document was at a moment."""
        return self.request("GET", f"api/collaboration/moments/{room}/{number}")

    def restore(self, room: str, number: int, *, token: str | None = None) -> tuple[int, Any]:
        """Make a document what it was at a moment."""
        headers = {"Authorization": f"token {token}"} if token else {}
        return self.request("PUT", f"api/collaboration/moments/{room}/{number}", headers=headers)

    def pause(self) -> None:
        """Let the server do nothing at all until `resume`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def is_writing(self) -> bool:
        """Whether the server has noted in its database that it is about to write a file, and not yet that it has."""
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
                return bool(database.execute("select 1 from jupyter_live_document where writing != ''").fetchone())
        except sqlite3.OperationalError:
            return False  # it is only being made

    @property
    def database(self) -> Path:
        return self.home / "data" / "jupyter_live" / "live.sqlite3"

    def lose_database(self) -> None:
        """Delete what the server logged. It must be stopped."""
        for file in self.database.parent.glob("live*.sqlite3*"):
            file.unlink()

    def copy_database(self) -> None:
        """Keep what is logged now, in place of an earlier copy; nothing while there is no database."""
        if not self.database.exists():
            return
        with (
            closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database,
            closing(sqlite3.connect(self._copy)) as copy,
        ):
            database.backup(copy)

    def restore_database(self) -> None:
        """Put the copy back, if there is one; what was logged since is lost in any case. The server must be stopped."""
        self.lose_database()
        if self._copy.exists():
            shutil.copy(self._copy, self.database)

    @property
    def _copy(self) -> Path:
        return self.home / "copy.sqlite3"

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.request("GET", "api/status")[0] == 200:
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(f"the server did not start; its log:\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
