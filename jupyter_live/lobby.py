"""The global "who is online" room: presence without a document, and the line on which processes call each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from jupyter_live.errors import LiveError
from jupyter_live.ids import GLOBAL_AWARENESS, DocumentId, Epoch, Identity, Seq
from jupyter_live.member import Member
from jupyter_live.palette import Palette
from jupyter_live.peers import Peers, Sign, as_event
from jupyter_live.presence import Presence
from jupyter_live.relays import OpenRelay
from jupyter_live.tally import LinkTally

log = logging.getLogger(__name__)


class Lobby:
    """Everyone on this server and those it shares documents with, with what they have open.

    `called` hears of a document that is open in another process, and whose file nobody has; `renamed` of somebody who
    has changed their name there.
    """

    def __init__(
        self,
        palette: Palette,
        open_relay: OpenRelay,
        called: Callable[[DocumentId], None],
        renamed: Callable[[Identity], None],
    ) -> None:
        self._palette = palette
        self._called = called
        self._renamed = renamed
        self.members: set[Member] = set()
        self.presence = Presence(self.members, lambda payload: self._relay.publish_awareness(payload))
        self._peers = Peers(self._show, self.presence.forget, lambda: None)
        self._relay = open_relay(DocumentId(GLOBAL_AWARENESS), self)
        if not self._relay.is_alone:
            self._peers.begin()

    def join(self, member: Member) -> None:
        member.user = member.identity.as_user(self._palette.take(member.identity.username, member.identity.color))
        self.members.add(member)
        self.presence.welcome(member)

    def leave(self, member: Member) -> None:
        if member in self.members:
            self.members.discard(member)
            self.presence.leave(member)
            self._palette.give_back(member.identity.username)

    @property
    def link(self) -> LinkTally:
        """How the line fares."""
        return self._relay.tally

    def call(self, document: DocumentId) -> None:
        """Ask other processes who has the file of a document."""
        self._relay.publish_control({"call": document})

    def rename(self, identity: Identity) -> None:
        """Tell other processes that somebody goes by another name now."""
        self._relay.publish_control({"renamed": asdict(identity)})

    def close(self, error: LiveError) -> None:
        for member in self.members:
            member.close(error)

    async def stop(self) -> None:
        """Leave the line. The members are gone."""
        self.presence.tell()
        self._peers.close()
        if not self._relay.is_alone:
            self._relay.publish_control({"gone": True})
        await self._relay.close()

    # as the relay's listener

    def on_rows(self, epoch: Epoch, last: Seq, updates: Sequence[bytes]) -> None:
        pass

    def on_awareness(self, peer: str, payload: bytes) -> None:
        try:
            self.presence.hear(peer, payload)
        except Exception:
            log.exception("server_error: what %s tells of people is not understood", peer)

    def on_control(self, peer: str, event: dict[str, Any]) -> None:
        try:
            self._hear(peer, event)
        except Exception:
            log.exception("server_error: what %s tells is not understood", peer)

    def _hear(self, peer: str, event: dict[str, Any]) -> None:
        if "alive" in event:
            self._peers.hear(peer, event["alive"])
        elif "gone" in event:
            self._peers.left(peer)
        elif "call" in event:
            self._called(DocumentId(event["call"]))
        elif "renamed" in event:
            self._renamed(Identity(**event["renamed"]))

    def on_link(self, is_up: bool) -> None:
        if is_up:
            self._show()

    def _show(self) -> None:
        self._relay.publish_control(as_event(Sign(len(self.members))))
        if payload := self.presence.ours():
            self._relay.publish_awareness(payload)
