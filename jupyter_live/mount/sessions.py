"""One kernel for one document, also when several people open it at the same moment."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_core.utils import ensure_async


class OneKernel:
    """Lets a session manager begin one session for a path at a time; who comes meanwhile gets that one.

    Jupyter looks whether there is a session, and notes a new one only when its kernel has started, a second later:
    people who open a notebook within that second would each have a kernel of their own.
    """

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self._create = manager.create_session
        self._beginning: dict[str, asyncio.Lock] = {}
        manager.create_session = self._create_once

    async def _create_once(self, path: str | None = None, *arguments: Any, **options: Any) -> Any:
        if path is None:
            return await ensure_async(self._create(path, *arguments, **options))
        lock = self._beginning.setdefault(path, asyncio.Lock())
        try:
            async with lock:
                if await ensure_async(self._manager.session_exists(path=path)):
                    return await ensure_async(self._manager.get_session(path=path))
                return await ensure_async(self._create(path, *arguments, **options))
        finally:
            if not lock.locked():
                self._beginning.pop(path, None)
