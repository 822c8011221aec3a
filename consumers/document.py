"""One socket on one document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_live.access import can
from jupyter_live.consumers.socket import SocketConsumer
from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import Outcome
from jupyter_live.ids import Identity
from jupyter_live.protocol import Frame, Kind, raw
from jupyter_live.room import Room
from jupyter_live.tickets import RENEWED_AFTER


class DocumentConsumer(SocketConsumer):
    """Frames in to the room, frames out of the member's outbox."""

    frames = {
        Kind.STEP1: "step1",
        Kind.STEP2: "update",
        Kind.UPDATE: "update",
        Kind.AWARENESS: "awareness",
        Kind.QUERY_AWARENESS: "query_awareness",
        Kind.SAVE: "save",
    }
    room: Room | None = None
    _saves: asyncio.Queue[int] | None = None

    async def enter(self) -> None:
        name = await self.rooms.named(self.scope["url_route"]["kwargs"]["room"])
        self.room = await self.rooms.enter(name, self.member, self.query.get("sessionId", [None])[0])
        if renew := self.scope.get("renew"):
            self.start(self._renew_ticket(renew))

    async def left(self) -> None:
        if self.room:
            self.rooms.leave(self.room, self.member)

    def step1(self, frame: Frame) -> None:
        self._room.answer(self.member, frame.payload)

    def update(self, frame: Frame) -> None:
        self._room.accept(frame.payload, self.member)

    def awareness(self, frame: Frame) -> None:
        self._room.hear(self.member, frame.payload)

    def query_awareness(self, frame: Frame) -> None:
        self._room.presence.welcome(self.member)

    def save(self, frame: Frame) -> None:
        """Have the file saved; what this socket sends meanwhile does not wait."""
        if self._saves is None:
            self._saves = asyncio.Queue(100)
            self.start(self._save(self._saves))
        if self._saves.full():
            self._answer(frame.number, Outcome.FAILED, LiveError("save_failed", "too many save requests at once"))
        else:
            self._saves.put_nowait(frame.number)

    def drained(self) -> None:
        if self.room:
            self.room.drained(self.member)

    async def _renew_ticket(self, renew: Callable[[Identity], str]) -> None:
        """Keep the member able to come back, also while the server that authenticated it is gone."""
        while True:
            self.member.notify({"type": "ticket", "ticket": renew(self.member.identity)})
            await asyncio.sleep(RENEWED_AFTER)

    async def _save(self, requests: asyncio.Queue[int]) -> None:
        """Answer save requests one by one, each once the file is on disk."""
        while True:
            number = await requests.get()
            if can(self.member.role, "save"):
                outcome, error = await self._room.save(insist=True)
            else:
                outcome, error = Outcome.FAILED, LiveError("read_only")
            if outcome is Outcome.NOTHING_TO_SAVE and not self.member.notices:
                outcome = Outcome.SAVED  # @jupyter/docprovider reports "skipped" to its user as a failure
            self._answer(number, outcome, error)

    def _answer(self, number: int, outcome: Outcome, error: LiveError | None) -> None:
        answer: dict[str, Any] = {"type": "save", "responseTo": number, "status": outcome.value}
        self.member.outbox.reply(raw(answer | (error.body() if error else {})))

    @property
    def _room(self) -> Room:
        if self.room is None:
            raise LiveError("bad_request", "a frame before the document was open")
        return self.room
