"""The other processes that have a document open, as they tell by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from jupyter_live.ids import Seq

ALIVE = 3.0  # seconds between two signs of life
GONE_AFTER = 10.0  # seconds without one: three may get lost, and nobody is shown for 15 s who is gone


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: how many people are in, and of whoever has the file: how that fares (`notice`).

    `covers`: the file has all that rows up to this one have brought.
    """

    members: int = 0
    has_file: bool = False
    covers: Seq = Seq(0)
    notice: dict[str, Any] = field(default_factory=dict)


FIELDS = tuple(field.name for field in fields(Sign))  # a process of another version may tell of others


class Peers:
    """Tells `say` when to give a sign, `gone` who has not given one for long, and `news` that there is some."""

    def __init__(self, say: Callable[[], None], gone: Callable[[str], None], news: Callable[[], None]) -> None:
        self._say = say
        self._gone = gone
        self._news = news
        self._heard: dict[str, tuple[float, Sign]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Give signs of life until `close`."""
        self._say()
        self._look()

    def hear(self, peer: str, sign: dict[str, Any]) -> None:
        """A peer is there."""
        is_new = peer not in self._heard
        self._heard[peer] = _now(), Sign(**{name: sign[name] for name in FIELDS if name in sign})
        if is_new:
            self._say()  # it does not know of us either
        self._news()

    def left(self, peer: str) -> None:
        """A peer has closed the document."""
        if self._heard.pop(peer, None):
            self._gone(peer)
            self._news()

    @property
    def members(self) -> int:
        """People in other processes."""
        return sum(sign.members for _, sign in self._heard.values())

    @property
    def file(self) -> Sign | None:
        """The sign of whoever has the file, if somebody has: the newest, where another one has taken it over."""
        signs = [(at, sign) for at, sign in self._heard.values() if sign.has_file]
        return max(signs, key=lambda each: each[0])[1] if signs else None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        for peer in [peer for peer, (at, _) in self._heard.items() if at < _now() - GONE_AFTER]:
            self.left(peer)
        self._timer = asyncio.get_running_loop().call_later(ALIVE, self._on)

    def _on(self) -> None:
        self._say()
        self._look()


def as_event(sign: Sign) -> dict[str, Any]:
    return {"alive": asdict(sign)}


def _now() -> float:
    return asyncio.get_running_loop().time()
