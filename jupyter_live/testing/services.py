"""Real Redis and PostgreSQL servers, each in processes of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from jupyter_live.testing import programs
from jupyter_live.testing.service import Service


class Redis(Service):
    """A Redis server that keeps nothing: it is empty after each start."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def cut(self) -> None:
        """Close the connections of all clients; the server stays. OSError if it does not answer within 5 s."""
        for kind in ("normal", "pubsub"):
            self._ask(f"CLIENT KILL TYPE {kind}")

    def _launch(self) -> subprocess.Popen[bytes]:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        return self._popen(programs.redis(), *options, cwd=self.home)

    def _answers(self) -> bool:
        try:
            return self._ask("PING") == "+PONG"
        except OSError:
            return False

    def _ask(self, command: str) -> str:
        """The first line of the answer to a command, in Redis's protocol."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection, connection.makefile("rb") as answers:
            connection.sendall(f"{command}\r\n".encode())
            return answers.readline().decode().strip()


class Postgres(Service):
    """A PostgreSQL server whose data survives `stop` and `kill`, not `close`.

    It does not wait for disks (fsync is off): what it committed outlives its processes, but not the machine.
    Who connects from this machine may do all.
    """

    stop_signal = signal.SIGINT  # ends sessions; with SIGTERM it would wait for their clients to leave

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._data: Path | None = None

    def url(self, name: str = "postgres") -> str:
        """The address of a database; `postgres` is always there."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def database(self, name: str) -> str:
        """Make an empty database, in place of one of this name if there is one; returns its address.

        The server must run. A name consists of letters, digits and underscores.
        """
        with psycopg.connect(self.url(), autocommit=True) as connection:
            quoted = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
        return self.url(name)

    def close(self) -> None:
        """Stop for good: the data is deleted."""
        super().close()
        if self._data is not None:
            shutil.rmtree(self._data)
            self._data = None

    def _launch(self) -> subprocess.Popen[bytes]:
        folder, account = programs.postgres(), programs.account()
        if self._data is None:
            self._data = self._make_data(folder / "initdb")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",  # their paths may have 107 bytes, which `home` can exceed
            "max_connections": 100,
            "fsync": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return self._popen(folder / "postgres", "-D", self._data, *options, cwd=self._data, **account)

    def _make_data(self, initdb: Path) -> Path:
        """A new folder of data. Root's is among the temporary files: another user cannot get at pytest's folders."""
        account = programs.account()
        data = Path(tempfile.mkdtemp(prefix="postgres-", dir=None if account else self.home))
        if account:
            os.chown(data, account["user"], account["group"])
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        if self._popen(initdb, "-D", data, *options, cwd=data, **account).wait():
            shutil.rmtree(data)
            raise self._failed("make its folder of data")
        return data

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
