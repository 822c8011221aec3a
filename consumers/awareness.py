"""One socket in the global "who is online" room."""

from __future__ import annotations

from jupyter_live import protocol
from jupyter_live.consumers.socket import SocketConsumer
from jupyter_live.protocol import Frame, Kind

EMPTY_UPDATE = b"\x00\x00"


class AwarenessConsumer(SocketConsumer):
    """Presence only. Clients bring an empty document along; it stays empty."""

    frames = {
        Kind.STEP1: "step1",
        Kind.STEP2: "ignore",
        Kind.UPDATE: "ignore",
        Kind.AWARENESS: "awareness",
        Kind.QUERY_AWARENESS: "query_awareness",
    }

    async def enter(self) -> None:
        self.rooms.lobby.join(self.member)

    async def left(self) -> None:
        self.rooms.lobby.leave(self.member)

    def step1(self, frame: Frame) -> None:
        self.member.outbox.reply(protocol.step2(EMPTY_UPDATE))

    def awareness(self, frame: Frame) -> None:
        self.rooms.lobby.presence.update(self.member, frame.payload)

    def query_awareness(self, frame: Frame) -> None:
        self.rooms.lobby.presence.welcome(self.member)

    def drained(self) -> None:
        if self.member.outbox.behind:
            self.member.outbox.behind = False
            self.rooms.lobby.presence.welcome(self.member)
