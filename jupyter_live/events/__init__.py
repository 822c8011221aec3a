"""Jupyter's event system is told what happens to documents, in the words that other packages listen for.

The schemas beside this file have the ids, versions and fields of jupyter-collaboration's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from jupyter_live.ids import DocumentName
from jupyter_live.listening import Happening, What

log = logging.getLogger(__name__)

SESSION, AWARENESS, FORK = (
    f"https://schema.jupyter.org/jupyter_collaboration/{name}/v1" for name in ("session", "awareness", "fork")
)
SCHEMAS = {id: Path(__file__).parent / f"{id.split('/')[-2]}.yaml" for id in (SESSION, AWARENESS, FORK)}

WAITING = 1000  # events; of more at once the oldest are not told

Event = tuple[str, dict[str, Any]]

_ACTIONS = {
    What.OPENED: (("load", "The content was loaded."), ("initialize", "The document is open.")),
    What.SAVED: (("save", "The file was saved."),),
    What.MERGED: (("overwrite", "What was done to the file elsewhere was merged."),),
    What.CLOSED: (("clean", "The document is closed."),),
}


class EventLogger(Protocol):
    """jupyter_events', as far as it matters here."""

    @property
    def schemas(self) -> Any: ...

    def register_event_schema(self, schema: Any) -> None: ...

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> Any: ...


def register(logger: EventLogger) -> None:
    """Make the schemas known, but those that another package has made known already."""
    for id, file in SCHEMAS.items():
        if id not in logger.schemas:
            logger.register_event_schema(file)


class Events:
    """Emits events one by one, in order, between other work: to check one against its schema takes some 0.3 ms.

    `find` tells the path of a file id.
    """

    def __init__(self, logger: EventLogger, find: Callable[[str], str | None]) -> None:
        self._logger = logger
        self._find = find
        self._waiting: deque[Event] = deque()
        self._dropped = 0
        self._task: asyncio.Task[None] | None = None

    def hear(self, happening: Happening) -> None:
        """Emit what this comes to, in a moment. (A `Listen`.)"""
        try:
            events = self._events_of(happening)
        except Exception:  # no path without the database of file ids
            return log.exception("server_error: what happens to %s cannot be told", happening.name.id)
        for event in events:
            if len(self._waiting) >= WAITING:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(event)
        if self._waiting and self._task is None:
            self._task = asyncio.create_task(self._emit_all(), name="jupyter-live-events")

    async def close(self) -> None:
        """Until all is told."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _emit_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)
            schema_id, data = self._waiting.popleft()
            try:
                self._logger.emit(schema_id=schema_id, data=data)
            except Exception:
                log.exception("server_error: an event could not be told: %s", schema_id)
        if self._dropped:
            log.warning("%d events were not told: too many at once", self._dropped)
        self._dropped, self._task = 0, None

    def _events_of(self, happening: Happening) -> list[Event]:
        what, name = happening.what, happening.name
        if what in (What.JOINED, What.LEFT):
            action = "join" if what is What.JOINED else "leave"
            return [(AWARENESS, {"roomid": name.room, "username": happening.who, "action": action})]
        if fork := happening.fork:
            action = "create" if what is What.FORKED else "delete"
            told = {"fork_roomid": fork.id, "fork_info": fork.info(), "username": happening.who}
            return [(FORK, {**told, "action": action})]
        path = happening.path or self._path_of(name)
        if path is None:  # a fork, or nobody knows where
            return []
        of = {"room": name.room, "path": path}
        if what is What.FAILED:
            return [(SESSION, {"level": "ERROR", **of, "msg": happening.message})]
        return [(SESSION, {"level": "INFO", **of, "action": action, "msg": told}) for action, told in _ACTIONS[what]]

    def _path_of(self, name: DocumentName) -> str | None:
        return None if name.is_fork else self._find(name.file_id)
