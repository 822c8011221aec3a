"""A server of another program, in processes of its own: what `services` has in common."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from jupyter_live.testing.server import START_TIMEOUT, _free_port

STOP_TIMEOUT = 60.0

S = TypeVar("S", bound="Service")


class Service:
    """Starts, stops, kills and pauses one server on 127.0.0.1, always on the port that was free when this was made.

    Its log is in `home`. `kill`, `pause` and `resume` are for Linux: elsewhere they miss the processes that the
    server has started, which are found in /proc.
    """

    stop_signal = signal.SIGTERM
    start_timeout = START_TIMEOUT
    """Seconds."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.name = type(self).__name__
        self.port = _free_port()
        self.log_file = home / f"{self.name.lower()}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.is_paused = False

    def start(self: S) -> S:
        """Start the server and wait until it answers; RuntimeError with the end of its log if it does not."""
        assert self._process is None, f"{self.name} has been started already"
        self._process = process = self._launch()
        deadline = time.monotonic() + self.start_timeout
        while time.monotonic() < deadline and process.poll() is None:
            # Asked once more whether it runs: the answer could be that of another server on the port.
            if self._answers() and process.poll() is None:
                return self
            time.sleep(0.02)
        self.kill()
        raise self._failed("start")

    def stop(self) -> None:
        """Let the server end in order; nothing if it does not run. RuntimeError if it had to be killed."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise self._failed("stop") from None
        self._process = None

    def restart(self: S) -> S:
        """Stop and start again."""
        self.stop()
        return self.start()

    def kill(self) -> None:
        """SIGKILL all of the server's processes, and wait until they are gone; nothing if it does not run."""
        if self._process is None:
            return
        self.pause()  # it shall start no other process meanwhile
        pids = self._pids()
        _signal(signal.SIGKILL, pids)
        self._process.wait()
        _wait_until(pids, "ZX")
        self._process = None
        self.is_paused = False

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} has not been started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def pause(self) -> None:
        """Let the server do nothing at all until `resume`; returns when all of its processes are at rest."""
        assert self._process is not None, f"{self.name} has not been started"
        for _ in range(2):  # the second time for what it started during the first
            pids = self._pids()
            _signal(signal.SIGSTOP, pids)
            _wait_until(pids, "TZX")
        self.is_paused = True

    def resume(self) -> None:
        """End a pause; nothing if there is none."""
        _signal(signal.SIGCONT, self._pids())
        self.is_paused = False

    def log(self) -> str:
        """All that the server has printed, from the first start on."""
        return self.log_file.read_text(errors="replace")

    def close(self) -> None:
        """Stop for good."""
        self.stop()

    def __enter__(self: S) -> S:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *error: object) -> None:
        self.close()

    def _launch(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _popen(self, *command: str | Path, cwd: Path, **options: Any) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "LC_ALL": "C"}  # the locale that every system has
        with self.log_file.open("ab") as out:
            return subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=subprocess.STDOUT, **options)

    def _failed(self, what: str) -> RuntimeError:
        return RuntimeError(f"{self.name} did not {what}; the end of its log:\n{self.log()[-3000:]}")

    def _pids(self) -> list[int]:
        """The process that was started and those that it has started; none once it has ended."""
        if self._process is None or self._process.poll() is not None:
            return []
        parent = self._process.pid
        others = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        return [parent, *(pid for pid in others if _stat(pid)[1] == str(parent))]


def _stat(pid: int) -> tuple[str, str]:
    """State and parent of a process: `X` and no parent if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "X", ""
    state, parent = stat.rpartition(")")[2].split()[:2]
    return state, parent


def _signal(how: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue  # has ended meanwhile


def _wait_until(pids: Iterable[int], states: str) -> None:
    """Wait until each process has one of these states (see proc(5)); RuntimeError if that takes a minute."""
    deadline = time.monotonic() + STOP_TIMEOUT
    while any(_stat(pid)[0] not in states for pid in pids):
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes {pids} did not come to one of the states {states}")
        time.sleep(0.005)
