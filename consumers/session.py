"""``PUT session/{path}``: the name and the epoch under which a file is shared."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentName
from jupyter_live.rooms import Rooms
from jupyter_live.tickets import Ticket

FindRelay = Callable[[Ticket], "dict[str, str] | None"]
"""The address (`url`) of a relay, and the ticket as text, for whom the ticket tells of."""


class SessionConsumer(HttpConsumer):
    """Opens the document, so that everything that can be wrong with it is an HTTP error here.

    `find_id` gives a path's file id (and makes one if need be), and says whether it is new. `relay` tells which server
    people should rather connect to, if there is one, and gives them a ticket for it.
    """

    def __init__(self, rooms: Rooms, find_id: Callable[[str], tuple[str, bool]], relay: FindRelay) -> None:
        super().__init__()
        self.rooms = rooms
        self.find_id = find_id
        self.relay = relay

    async def answer(self) -> tuple[int, dict[str, Any]]:
        doc_format, doc_type = self._wanted()
        path = self.scope["url_route"]["kwargs"]["path"]
        open_id = self.rooms.file_id_at(path)
        file_id, is_new = (open_id, False) if open_id else self.find_id(path)
        name = DocumentName(doc_format, doc_type, file_id)
        room = await self.rooms.open(name)
        answer: dict[str, Any] = {"format": doc_format, "type": doc_type, "fileId": file_id, "sessionId": room.epoch}
        if relay := self.relay(Ticket(self.scope["user"], self.scope["permissions"], room.document, room.epoch)):
            answer["relay"] = relay
        return (201 if is_new else 200), answer

    def _wanted(self) -> tuple[str, str]:
        try:
            model = json.loads(self.body)
            doc_format, doc_type = model["format"], model["type"]
        except (ValueError, KeyError, TypeError):
            raise LiveError("bad_request", "the body is no JSON with format and type") from None
        if not (isinstance(doc_format, str) and isinstance(doc_type, str) and doc_format and doc_type):
            raise LiveError("bad_request", "format and type must be words")
        return doc_format, doc_type
