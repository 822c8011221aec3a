"""Who is here, and where their cursors are. Never stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jupyter_live import protocol
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity
from jupyter_live.member import Member, broadcast
from jupyter_live.pace import Pace
from jupyter_live.protocol import AwarenessEntry

STATE_LIMIT = 64 * 1024  # characters of one awareness state; JupyterLab's are below 1 kB

GONE = "null"


TICK = 0.07
"""Seconds between two rounds of news. 50 people who move their cursors 10 times a second are 25,000 messages a second
if each is told by itself, and 700 so; who moves alone is told at once."""


class Presence:
    """The awareness states of one room.

    A socket speaks for one client id, the first it announces, until it takes leave of that, and for nobody else:
    y-websocket clients echo the states of others, and drop others' states on their own clocks; neither is news from the
    one they concern. The `user` field is the authenticated identity, whatever the client claims. A state goes when its
    socket goes. A program of this process speaks for as many as it likes, and may say itself who they are.

    News is told in rounds, the latest of everybody in one message. Also who sent it hears it: its client closes a
    socket that is silent for 30 s. `publish` is given what to tell other processes.
    """

    def __init__(self, members: set[Member], publish: Callable[[bytes], None] = lambda payload: None) -> None:
        self._members = members
        self._publish = publish
        self._states: dict[int, tuple[AwarenessEntry, Member | str]] = {}  # or the process whose member it is
        self._news: dict[int, AwarenessEntry] = {}
        self._ours: set[int] = set()  # of the news, what other processes do not know
        self._pace = Pace(self._tell)

    def update(self, member: Member, payload: bytes) -> None:
        """Take what a member says about itself. Raises LiveError `malformed_frame`."""
        own = [entry for entry in protocol.read_awareness(payload) if self._is_own(member, entry)]
        for entry in own if member.is_program else own[:1]:
            self._update(member, entry)

    def _update(self, member: Member, entry: AwarenessEntry) -> None:
        entry = AwarenessEntry(entry.client, entry.clock, self._attributed(member, entry.state))
        if not member.is_program:
            member.client = entry.client
        if entry.state == GONE:
            self._states.pop(entry.client, None)
            member.client = None  # its document may have another id now
        else:
            self._states[entry.client] = (entry, member)
        self._ours.add(entry.client)
        self._is_news(entry)

    def rename(self, identity: Identity, color: str) -> None:
        """Tell that somebody here goes by another name now; nothing where they are not."""
        for member in self._members:
            if member.identity.username != identity.username:
                continue
            member.rename(identity, color)
            entry, of = self._states.get(member.client or 0, (None, None))
            if entry and of is member:
                # As news, though it does not come from the client: that goes on from this clock.
                self.update(member, protocol.write_awareness([replace(entry, clock=entry.clock + 1)]))

    @property
    def names(self) -> set[str]:
        """The names of all who are here, as they are shown."""
        return {_user(entry.state).get("display_name", "") for entry, _ in self._states.values()}

    def leave(self, member: Member) -> None:
        """Forget a member's states and tell the others."""
        for client, (entry, of) in list(self._states.items()):
            if of is member:
                del self._states[client]
                # The same clock: a client that returns with the next one is seen at once.
                self._ours.add(client)
                self._is_news(AwarenessEntry(client, entry.clock, GONE))

    def hear(self, peer: str, payload: bytes) -> None:
        """Take the awareness of members of another process, which has checked it. Twice is as well as once."""
        for entry in protocol.read_awareness(payload):
            known, of = self._states.get(entry.client, (None, peer))
            if known and not _is_newer(entry, known):
                continue
            if entry.state != GONE:
                self._states[entry.client] = (entry, peer)
            elif of == peer:
                self._states.pop(entry.client, None)
            else:  # it has moved to another process, which tells
                continue
            self._is_news(entry)

    def forget(self, peer: str) -> None:
        """Another process is gone, and with it the people who were there."""
        for client, (entry, of) in list(self._states.items()):
            if of == peer:
                del self._states[client]
                self._is_news(AwarenessEntry(client, entry.clock, GONE))

    def ours(self) -> bytes | None:
        """The states of our members, for processes that may have missed some; None when there are none."""
        entries = [entry for entry, of in self._states.values() if isinstance(of, Member)]
        return protocol.write_awareness(entries) if entries else None

    def colors_elsewhere(self) -> dict[str, str]:
        """The colours of people in other processes, by username."""
        return {name: user["color"] for name, user in self.users_elsewhere().items() if user.get("color")}

    def users_elsewhere(self) -> dict[str, dict[str, Any]]:
        """People in other processes as they are shown, by username."""
        users = [_user(entry.state) for entry, of in self._states.values() if isinstance(of, str)]
        return {user["username"]: user for user in users if user.get("username")}

    def tell(self) -> None:
        """Tell the news now, if there is any."""
        self._pace.now()

    def welcome(self, member: Member) -> None:
        """Show a newcomer everyone who is here."""
        if self._states:
            entries = [entry for entry, _ in self._states.values()]
            member.outbox.reply(protocol.awareness(protocol.write_awareness(entries)))

    def _is_own(self, member: Member, entry: AwarenessEntry) -> bool:
        if member.client is not None and member.client != entry.client:
            return False
        known, owner = self._states.get(entry.client, (None, None))
        if known is None or owner is None:
            return entry.state != GONE
        if owner is member:
            return entry.clock > known.clock or (entry.clock == known.clock and entry.state == GONE)
        # The same client on a new socket, before the old one was found dead, or the process that had it. Nobody else's
        # id can be taken: what another process tells of people has been checked there.
        username = _user(known.state).get("username") if isinstance(owner, str) else owner.identity.username
        return username == member.identity.username

    def _attributed(self, member: Member, text: str) -> str:
        if len(text) > STATE_LIMIT:
            raise LiveError("malformed_frame", f"awareness state of {len(text)} characters")
        try:
            # NaN and Infinity are no JSON: a browser that parsed them would drop the socket.
            state: Any = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise LiveError("malformed_frame", "awareness state is not JSON") from None
        if state is None:
            return GONE
        if not isinstance(state, dict):
            raise LiveError("malformed_frame", "awareness state is no object")
        claimed = state.get("user")
        claimed = claimed if isinstance(claimed, dict) else {}
        state["user"] = {**member.user, **claimed} if member.is_program else {**claimed, **member.user}
        try:
            return json.dumps(state, allow_nan=False)
        except (ValueError, RecursionError):  # 1e999 is JSON, and infinite once it has been read
            raise LiveError("malformed_frame", "awareness state cannot be told on") from None

    def _is_news(self, entry: AwarenessEntry) -> None:
        self._news[entry.client] = entry
        self._pace.due()

    def _tell(self) -> float:
        news, ours = self._news, self._ours
        self._news, self._ours = {}, set()
        broadcast(self._members, protocol.awareness(protocol.write_awareness([*news.values()])))
        if ours:
            self._publish(protocol.write_awareness([news[client] for client in ours]))
        return TICK


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_newer(entry: AwarenessEntry, known: AwarenessEntry) -> bool:
    return entry.clock > known.clock or (entry.clock == known.clock and entry.state == GONE)


def _user(state: str) -> dict[str, str]:
    """Whose state it is, as the process tells that has checked it."""
    user: dict[str, str] = json.loads(state)["user"]
    return user
