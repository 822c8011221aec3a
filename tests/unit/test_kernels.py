"""Sharing a kernel where the session manager takes its time, as one of a gateway does."""

from __future__ import annotations

import asyncio
import uuid
from types import SimpleNamespace
from typing import Any

from jupyter_server import CallContext

from jupyter_live.mount.kernels import Kernels


class SlowManager:
    """Keeps sessions as Jupyter's does; its first list comes when it is let go, and is of when it was asked for."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.listing = asyncio.Event()
        self.go_on = asyncio.Event()

    async def create_session(self, path: str, name: str, **more: Any) -> dict[str, Any]:
        key = str(uuid.uuid4())
        self.sessions[key] = {"id": key, "path": path, "name": name, "kernel": {"name": "python3"}}
        return self.sessions[key]

    async def get_session(self, session_id: str) -> dict[str, Any]:
        return self.sessions[session_id]

    async def list_sessions(self) -> list[dict[str, Any]]:
        found = [*self.sessions.values()]
        if not self.listing.is_set():
            self.listing.set()
            await self.go_on.wait()
        return found


async def begin(manager: SlowManager, who: str, name: str) -> dict[str, Any]:
    CallContext.set(CallContext.JUPYTER_HANDLER, SimpleNamespace(current_user=SimpleNamespace(username=who)))
    return await manager.create_session(str(uuid.uuid4()), name, type="notebook", kernel_name="python3")


async def test_a_session_that_begins_while_sessions_are_listed_is_shared_too() -> None:
    manager = SlowManager()
    Kernels(manager)  # type: ignore[arg-type]
    slow = asyncio.create_task(begin(manager, "ada", "slow.ipynb"))
    await manager.listing.wait()
    first = await begin(manager, "ada", "n.ipynb")
    manager.go_on.set()
    await slow
    assert (await begin(manager, "bob", "n.ipynb"))["id"] == first["id"]
    assert (await begin(manager, "bob", "slow.ipynb"))["id"] == (await slow)["id"]
