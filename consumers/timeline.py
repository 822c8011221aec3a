"""Timelines of documents: ``GET timeline/{path}``, ``GET moments/{room}``, ``GET`` and ``PUT moments/{room}/{id}``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from jupyter_live import work
from jupyter_live.access import can, role_of
from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.errors import LiveError
from jupyter_live.files.packing import tell
from jupyter_live.ids import DocumentName
from jupyter_live.rooms import Rooms
from jupyter_live.timeline import told


class TimelineConsumer(HttpConsumer):
    """By path, as `@jupyter/docprovider` asks for it. Opens nothing: also a document that is closed has a past."""

    methods = ("GET",)

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self.rooms = rooms

    async def answer(self) -> tuple[int, dict[str, Any]]:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        doc_format, doc_type = (query.get(word, [""])[0] for word in ("format", "type"))
        if not doc_format or not doc_type:
            raise LiveError("bad_request", "format and type must be told")
        path = self.scope["url_route"]["kwargs"]["path"]
        file_id = self.rooms.known_file_id(path)
        if file_id is None:
            raise LiveError("unknown_document", path)
        return 200, await timeline(self.rooms, DocumentName(doc_format, doc_type, file_id))


class MomentsConsumer(HttpConsumer):
    """The same by the document's id."""

    methods = ("GET",)

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self.rooms = rooms

    async def answer(self) -> tuple[int, dict[str, Any]]:
        return 200, await timeline(self.rooms, _name(self.scope["url_route"]["kwargs"]["room"]))


class MomentConsumer(HttpConsumer):
    """One moment: what the document was (GET), or make it that again (PUT)."""

    methods = ("GET", "PUT")

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self.rooms = rooms

    async def content(self) -> tuple[int, bytes]:
        route = self.scope["url_route"]["kwargs"]
        name, number = _name(route["room"]), int(route["number"])
        if self.scope["method"] == "PUT":
            return 200, json.dumps(await self._restore(name, number)).encode()
        found = await self.rooms.moments.get(name.id, number)
        if found is None:
            raise LiveError("unknown_moment", f"{name.id}: {number}")
        moment, data = found
        content = await work.run(moment.size, tell, data)
        # Not read and written again: for 20 MB that is a second in which nothing else is served.
        return 200, json.dumps(told(moment)).encode()[:-1] + b', "model": ' + content + b"}"

    async def _restore(self, name: DocumentName, number: int) -> dict[str, Any]:
        if not can(role_of(self.scope["permissions"]), "write"):
            raise LiveError("read_only")
        done = await self.rooms.restore(name, number, self.scope["user"])
        answer: dict[str, Any] = {"before": done.before, "changed": done.changed, "conflicts": list(done.conflicts)}
        return answer | {"saved": done.error is None, **(done.error.body() if done.error else {})}


async def timeline(rooms: Rooms, name: DocumentName) -> dict[str, Any]:
    """What is told of a document's moments, the oldest first. Raises LiveError `unknown_document`."""
    moments = await rooms.moments.of(name.id)
    epoch = await rooms.epoch(name.id)
    if epoch is None and not moments:
        raise LiveError("unknown_document", name.id)
    return {
        "roomId": name.id,
        "sessionId": epoch,
        "forkRoom": "",
        "timestamps": [moment.at for moment in moments],
        "moments": [told(moment) for moment in moments],
    }


def _name(room: str) -> DocumentName:
    name = DocumentName.parse(room)
    if name is None:
        raise LiveError("unknown_document", room)
    return name
