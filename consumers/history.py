"""``PUT history/{room}?sessionId=``: a client hands in its copy of a history, for want of plain sync."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from jupyter_live.access import can, role_of
from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.errors import LiveError
from jupyter_live.held import Held
from jupyter_live.ids import Epoch
from jupyter_live.protocol import read_held
from jupyter_live.rooms import Rooms

_EPOCH = re.compile(r"[0-9a-f-]{36}")


class HistoryConsumer(HttpConsumer):
    """The server does all the merging; see `handin.py`. `body_limit` is in bytes."""

    def __init__(self, rooms: Rooms, body_limit: int) -> None:
        super().__init__()
        self.rooms = rooms
        self.body_limit = body_limit

    async def answer(self) -> tuple[int, dict[str, Any]]:
        if not can(role_of(self.scope["permissions"]), "write"):
            raise LiveError("read_only")
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        epoch = query.get("sessionId", [""])[0]
        if not _EPOCH.fullmatch(epoch):
            raise LiveError("bad_request", f"sessionId {epoch!r:.60}")
        name = await self.rooms.named(self.scope["url_route"]["kwargs"]["room"])
        held = Held(Epoch(epoch), *read_held(self.body))
        done = await self.rooms.hand_in(name, held, self.scope["user"].username)
        answer = {"sessionId": done.epoch, "outcome": done.outcome, "changed": done.changed}
        return 200, answer | {"conflicts": list(done.conflicts), "copy": done.copy}
