"""Asking processes how they fare, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit, urlunsplit
from urllib.request import Request, urlopen

AT_ONCE = 32  # processes asked at the same time: one that hangs keeps nobody waiting


@dataclass(frozen=True, slots=True)
class Process:
    """A relay, or a Jupyter server and its token (which may be empty)."""

    url: str
    token: str | None = None

    @classmethod
    def at(cls, url: str) -> Process:
        """A relay, or a Jupyter server where the address has `?token=`."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        query = parse_qs(parts.query, keep_blank_values=True)
        base = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        return cls(base, query["token"][0] if "token" in query else None)

    @property
    def _request(self) -> Request:
        if self.token is None:
            return Request(f"{self.url}/statusz")
        headers = {"Authorization": f"token {self.token}"} if self.token else {}
        return Request(f"{self.url}/api/collaboration/status", headers=headers)

    def ask(self, timeout: float) -> Answer:
        """Never raises: that it does not answer is the answer."""
        try:
            with urlopen(self._request, timeout=timeout) as response:
                told = json.load(response)
        except HTTPError as error:
            return Answer(self.url, f"HTTP {error.code}{_hint(self, error)}")
        except (OSError, ValueError) as error:  # no connection, a timeout, no JSON
            return Answer(self.url, str(getattr(error, "reason", error)))
        return Answer(self.url, told=told) if isinstance(told, dict) else Answer(self.url, "no status")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one process has told, or why it has not."""

    url: str
    error: str = ""
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """`up`, `draining`, `starting`, or `down` when it did not answer."""
        return "down" if self.error else str(self.told.get("state", "down"))

    @property
    def is_well(self) -> bool:
        return self.state == "up" and not self.told.get("troubles")

    def body(self) -> dict[str, Any]:
        """As JSON."""
        head = {"process": self.url, "well": self.is_well, "state": self.state}
        return head | ({"error": self.error} if self.error else self.told)


def ask_all(processes: Sequence[Process], timeout: float) -> list[Answer]:
    """Ask all at once; `timeout` in seconds for each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda process: process.ask(timeout), processes))


def running_servers() -> list[Process]:
    """The Jupyter servers of this user, as `jupyter server list` shows them."""
    from jupyter_server.serverapp import list_running_servers

    return [Process(server["url"].rstrip("/"), server["token"]) for server in list_running_servers()]


def _hint(process: Process, error: HTTPError) -> str:
    if error.code == 404:
        return ": is it a relay with --metrics?" if process.token is None else ": is Jupyter Live enabled there?"
    return ": the token does not let in" if error.code in (401, 403) else ""
