"""``fork/{room}``: forks of a document, listed or found (GET), made (PUT), and ended (DELETE)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from jupyter_live.access import can, role_of
from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.errors import LiveError
from jupyter_live.forks import Forks, Wanted
from jupyter_live.ids import DocumentName, Epoch, Fork, is_fork_id

TITLE, DESCRIPTION = 200, 4000  # characters


class ForkConsumer(HttpConsumer):
    """GET and PUT name the document, DELETE the fork; GET may name either. Whoever may not write may only look."""

    methods = ("GET", "PUT", "DELETE")

    def __init__(self, forks: Forks) -> None:
        super().__init__()
        self.forks = forks

    async def answer(self) -> tuple[int, dict[str, Any]]:
        method, room = self.scope["method"], self.scope["url_route"]["kwargs"]["room"]
        if method == "GET" and is_fork_id(room):
            return 200, _told(*await self.forks.find(room))
        if method == "GET":
            return 200, await self.forks.all(_document(room))
        if not can(role_of(self.scope["permissions"]), "write"):
            raise LiveError("read_only")
        return await (self._make(room) if method == "PUT" else self._end(room))

    async def _make(self, room: str) -> tuple[int, dict[str, Any]]:
        if is_fork_id(room):
            raise LiveError("fork_of_fork", room)
        fork, epoch = await self.forks.make(_document(room), _wanted(self.body), self.scope["user"].username)
        return 201, _told(fork, epoch)

    async def _end(self, room: str) -> tuple[int, dict[str, Any]]:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        merge = query.get("merge", ["false"])[0]
        if merge not in ("true", "false"):
            raise LiveError("bad_request", f"merge={merge!r:.20}")
        done = await self.forks.end(room, self.scope["user"].username, merge=merge == "true")
        if done is None:
            return 200, {"outcome": "deleted"}
        answer = {"outcome": done.outcome, "changed": done.changed}
        return 200, answer | {"conflicts": list(done.conflicts), "copy": done.copy}


def _told(fork: Fork, epoch: Epoch) -> dict[str, Any]:
    return {"sessionId": epoch, "fork_roomid": fork.id, "fork_info": fork.info()}


def _document(room: str) -> DocumentName:
    name = DocumentName.parse(room)
    if name is None:
        raise LiveError("unknown_document", room[:80])
    return name


def _wanted(body: bytes) -> Wanted:
    """Read what is wanted. What is left out, or null, is as if it were empty."""
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        raise LiveError("bad_request", "the body is no JSON") from None
    if not isinstance(told, dict):
        raise LiveError("bad_request", "the body is no JSON object")
    given = {name: told[name] for name in ("synchronize", "title", "description") if told.get(name) is not None}
    kinds = {"synchronize": bool, "title": str, "description": str}
    if wrong := [name for name, value in given.items() if not isinstance(value, kinds[name])]:
        raise LiveError("bad_request", f"of another type than it must be: {wrong}")
    wanted = Wanted(**given)
    if len(wanted.title) > TITLE or len(wanted.description) > DESCRIPTION:
        raise LiveError("bad_request", f"a title has {TITLE} characters at most, a description {DESCRIPTION}")
    return wanted
