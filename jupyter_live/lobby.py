"""The global "who is online" room: presence without a document."""

from __future__ import annotations

from jupyter_live.errors import LiveError
from jupyter_live.member import Member
from jupyter_live.palette import Palette
from jupyter_live.presence import Presence


class Lobby:
    """Everyone on this server, with what they have open."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self.members: set[Member] = set()
        self.presence = Presence(self.members)

    def join(self, member: Member) -> None:
        member.user = member.identity.as_user(self._palette.take(member.identity.username, member.identity.color))
        self.members.add(member)
        self.presence.welcome(member)

    def leave(self, member: Member) -> None:
        if member in self.members:
            self.members.discard(member)
            self.presence.leave(member)
            self._palette.give_back(member.identity.username)

    def close(self, error: LiveError) -> None:
        for member in self.members:
            member.close(error)
