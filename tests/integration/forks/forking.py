"""Forks as clients make and use them."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_live.testing import LiveClient, LiveServer

Told = tuple[int, Any]


class ForkClient(LiveClient):
    """One member of a fork, by the room that the answer to making it named."""

    def __init__(self, root: LiveClient, made: dict[str, Any], *, live: bool = True) -> None:
        super().__init__(root.server, root.path, root.format, root.type, live=live)
        self.session = {"fileId": made["fork_roomid"], "sessionId": made["sessionId"]}

    @property
    def room(self) -> str:
        return str(self.session["fileId"])

    async def __aenter__(self) -> ForkClient:
        await self.connect()
        return self


async def make(root: LiveClient, synchronize: bool = False, token: str = "", **told: Any) -> dict[str, Any]:
    """Fork a document that is open; the answer."""
    status, made = await put(root.server, root.room, {"synchronize": synchronize, **told}, token)
    assert status == 201, made
    assert isinstance(made, dict)
    return made


async def put(server: LiveServer, room: str, body: Any, token: str = "") -> Told:
    return await _request(server, "PUT", room, body, token)


async def listed(server: LiveServer, room: str, token: str = "") -> Any:
    """The forks of a document by their ids."""
    status, forks = await _request(server, "GET", room, None, token)
    assert status == 200, forks
    return forks


async def end(server: LiveServer, made: dict[str, Any], *, merge: bool, token: str = "") -> Told:
    """Delete a fork, merged or not."""
    return await _request(server, "DELETE", f"{made['fork_roomid']}?merge={str(merge).lower()}", None, token)


async def _request(server: LiveServer, method: str, place: str, body: Any, token: str) -> Told:
    headers = {"Authorization": f"token {token}"} if token else None
    return await asyncio.to_thread(server.request, method, f"api/collaboration/fork/{place}", body, headers)
