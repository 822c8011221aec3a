"""Somebody who comes to a real server by a link: known by nothing but a cookie."""

from __future__ import annotations

import asyncio
import json
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.server import LiveServer


class Guest:
    """Somebody with a browser of their own, who has come by a link with the token."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        self.me: dict[str, Any] = self.ask("GET", f"api/me?token={server.token}")[1]["identity"]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Authorization": f"token {self.server.token}"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with self._opener.open(Request(self.server.url + path, data, headers, method=method)) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    async def open(self, path: str) -> LiveClient:
        """A text file, live."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)
        return await LiveClient(self.server, path, "text", "file").open(headers={"Cookie": cookies})

    async def rename(self, **changes: Any) -> tuple[int, Any]:
        """Change what others see of this person."""
        return await asyncio.to_thread(self.ask, "PATCH", "api/me", changes)
