"""Text that goes on where its author has just typed: it needs no engine to be accepted.

A keystroke that the engine has integrated is followed, as long as its author types on, by keystrokes that differ in
nothing but clock and text. Each is certain to integrate as the one before did, so that it can be told and logged now,
and be integrated together with those after it: one costs 125 us where 200 people in 200 documents type, 50 together 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jupyter_live.engine.keystrokes import head_at, match_keystroke, right_of, units
from jupyter_live.engine.updates import read_vector
from jupyter_live.protocol import read_varuint, write_varuint

STATE_LIMIT = 1024  # bytes of a state vector that is read with each keystroke: of some 150 clients
CLIENTS = 1000  # of which it is known how they go on; a document of more forgets and learns again
FEW = 4  # updates of one turn: more are cheap enough for the engine together
PENDING = 200  # updates that wait to be integrated: that takes 0.9 ms then, and 3 ms for 500


class _Run(NamedTuple):
    """The next keystroke begins with `head`; `right` is what stands after it, as bytes, if anything does."""

    head: bytes
    clock: int
    right: bytes


class Runs:
    """Knows how members go on typing, and keeps what waits to be integrated, in order.

    `own` is the replica's own client id, under which it writes itself: nobody goes on there.
    """

    def __init__(self, own: int) -> None:
        self._own = own
        self._runs: dict[int, _Run] = {}
        self.pending: list[bytes] = []

    def goes_on(self, update: bytes) -> bool:
        """Whether an update that has been read strictly goes on where the last one of its client has ended."""
        keystroke = match_keystroke(update)
        if keystroke is None:
            return False
        client, _ = read_varuint(update, 2)  # it may be written in several ways
        run = self._runs.get(client)
        length = units(update[keystroke.end() + 1 : -1])
        if run is None or keystroke.group() != run.head or not length:
            return False
        self._runs[client] = _run(client, run.clock + length, run.right)
        return True

    def learn(self, updates: Sequence[bytes], state: bytes) -> None:
        """The engine has just integrated these updates, and has `state` now: so their clients may go on.

        That a single update changed something tells where its client is. Of several, one may have been known before:
        that is seen from the state, where it is short.
        """
        if len(updates) > 1 and len(state) > STATE_LIMIT:
            return
        known = read_vector(state) if len(updates) > 1 else None
        for update in updates:
            keystroke = match_keystroke(update)
            length = units(update[keystroke.end() + 1 : -1]) if keystroke else 0
            if not keystroke or not length or len(self._runs) >= CLIENTS:
                continue
            client, at = read_varuint(update, 2)
            end = read_varuint(update, at)[0] + length
            if client != self._own and (known is None or known.get(client) == end):
                self._runs[client] = _run(client, end, right_of(keystroke))

    def forget(self, update: bytes) -> None:
        """The engine is about to be given this update: what it brings of its clients cannot be told from here."""
        if match_keystroke(update) and len(self._runs) < CLIENTS:
            self._runs.pop(read_varuint(update, 2)[0], None)
        else:
            self.forget_all()

    def forget_all(self) -> None:
        self._runs.clear()


def _run(client: int, clock: int, right: bytes) -> _Run:
    return _Run(head_at(write_varuint(client), write_varuint(clock), write_varuint(clock - 1), right), clock, right)
