"""One kernel for a notebook that several people open at the same moment."""

from __future__ import annotations

import asyncio
import re
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from jupyter_server import CallContext
from jupyter_server.services.sessions.sessionmanager import SessionManager
from tornado.web import HTTPError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Model = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A session: its id, the path under which it began, and who began it."""

    session: str
    path: str
    by: str


class Kernels:
    """Stands between Jupyter and its session manager.

    JupyterLab looks whether a notebook has a session, and begins one where it has none: under a random name in the
    notebook's folder, which it replaces by the notebook's when the kernel runs. Thirty people who open a notebook
    together would have thirty kernels, each of which knows what one of them has run. Here all of them get the session
    that was begun first.
    """

    def __init__(self, manager: SessionManager) -> None:
        self._manager: Any = manager  # it has no types
        self._create: Callable[..., Awaitable[Model]] = manager.create_session
        self._begun: dict[str, _Begun] = {}
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        manager.create_session = self._create_or_share  # type: ignore[method-assign]  # there is no other place for it

    async def _create_or_share(
        self,
        path: str | None = None,
        name: str | None = None,
        type: str | None = None,
        kernel_name: str | None = None,
        kernel_id: str | None = None,
    ) -> Model:
        asked: dict[str, Any] = {
            "path": path, "name": name, "type": type, "kernel_name": kernel_name, "kernel_id": kernel_id
        }  # fmt: skip
        who = _who_asks()
        if not path or not name or type != "notebook" or kernel_id or who is None:
            return await self._create(**asked)
        notebook = _notebook(path, name)
        lock = self._locks.setdefault(notebook, asyncio.Lock())
        async with lock:
            found = await self._find(notebook, who)
            if found and kernel_name in (None, found["kernel"]["name"]):
                return {**found, "path": path}  # JupyterLab ends a session with another name than it asked for
            model = await self._create(**asked)
            await self._forget_the_ended()
            self._begun[notebook] = _Begun(model["id"], path, who)
            return model

    async def _find(self, notebook: str, who: str) -> Model | None:
        """The session that somebody else has begun for a notebook.

        Who begins a second one does so knowingly: JupyterLab ends the first, when it has started, if another kernel was
        chosen meanwhile.
        """
        begun = self._begun.get(notebook)
        if begun is None or begun.by == who:
            return None
        try:
            model: Model = await self._manager.get_session(session_id=begun.session)
        except HTTPError:  # it has ended
            return None
        return model if model["path"] in (notebook, begun.path) else None

    async def _forget_the_ended(self) -> None:
        known = [*self._begun.items()]  # what is begun while the list is made may not be in it
        ids = {session["id"] for session in await self._manager.list_sessions()}
        for notebook, begun in known:
            if begun.session not in ids and self._begun.get(notebook) is begun:
                del self._begun[notebook]


def _notebook(path: str, name: str) -> str:
    """The path of the notebook for which a session is begun under `path`."""
    folder, _, last = path.rpartition("/")
    if not _UUID.fullmatch(last):
        return path
    return f"{folder}/{name}" if folder else name


def _who_asks() -> str | None:
    """The user whose request this is; None outside a request."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    return getattr(getattr(handler, "current_user", None), "username", None)
