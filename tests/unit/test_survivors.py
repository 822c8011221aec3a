"""What must go on whatever it meets: the look at the log, and the line on which processes call each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from channels.layers import channel_layers
from waiting import until

from jupyter_live import heartbeat
from jupyter_live.consumers.relay import RelayConsumer
from jupyter_live.heartbeat import Heartbeat
from jupyter_live.ids import GLOBAL_AWARENESS, DocumentId, Epoch, Seq
from jupyter_live.layer import LocalChannelLayer
from jupyter_live.lobby import Lobby
from jupyter_live.log import UpdateLog
from jupyter_live.palette import Palette
from jupyter_live.room import Room

DOCUMENT = DocumentId("text:file:1")


class Log:
    """Fails as often as it is told to, in one way or another, and then tells how far it is."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = [*failures]
        self.asked = 0

    async def tails(self, documents: Sequence[DocumentId]) -> dict[DocumentId, tuple[Epoch, Seq]]:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return {DOCUMENT: (Epoch("e"), Seq(3))}


class Rooms:
    """One room, whose file nobody has; looking for it breaks at first."""

    def __init__(self) -> None:
        self.told: list[tuple[Epoch, Seq]] = []
        self.looks = 0
        peers = SimpleNamespace(file=None)
        link = SimpleNamespace(peers=peers, told=lambda epoch, seq: self.told.append((epoch, seq)))
        bridge = SimpleNamespace(has_file=False)
        self.room = SimpleNamespace(document=DOCUMENT, is_outdated=False, link=link, bridge=bridge)

    def all(self) -> list[Room]:
        return [cast(Room, self.room)]

    def look_for_file(self, room: Room) -> None:
        self.looks += 1
        if self.looks == 1:
            raise RuntimeError("the rooms broke")


async def test_the_heartbeat_outlives_what_it_meets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.01)
    log, rooms = Log(OSError("away"), KeyError("odd"), RuntimeError("worse")), Rooms()
    beating = Heartbeat(rooms, cast(UpdateLog, log))
    await until(lambda: rooms.looks > 1 and rooms.told)
    assert rooms.told[0] == (Epoch("e"), Seq(3)) and log.asked > 3
    for text in ("away", "odd", "worse", "the rooms broke"):
        assert text in caplog.text, "each is told"
    await beating.close()
    asked = log.asked
    await until(lambda: beating._task.done())
    assert log.asked == asked


@pytest.fixture
async def lobbies() -> AsyncIterator[tuple[Lobby, RelayConsumer, list[DocumentId]]]:
    """A lobby, another process on its line, and what the lobby was called about."""
    channel_layers.set("default", LocalChannelLayer())
    called: list[DocumentId] = []

    def hear(document: DocumentId) -> None:
        if document == "broken":
            raise RuntimeError("the rooms broke")
        called.append(document)

    lobby = Lobby(Palette(), RelayConsumer, hear, lambda identity: None)
    other = RelayConsumer(DocumentId(GLOBAL_AWARENESS), cast(Any, _Deaf()))
    await until(lambda: lobby.link.is_up and other.channel_name)
    yield lobby, other, called
    await other.close()
    await lobby.stop()


class _Deaf:
    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


async def test_the_lobby_outlives_what_it_hears(
    lobbies: tuple[Lobby, RelayConsumer, list[DocumentId]], caplog: pytest.LogCaptureFixture
) -> None:
    _, other, called = lobbies
    other.publish_awareness(b"\xff\xff no awareness")
    for event in ({"alive": None}, {"alive": {"members": {}, "else": 1}}, {"call": "broken"}, {}, {"call": "good"}):
        other.publish_control(cast(Any, event))
    await until(lambda: "good" in called)
    assert caplog.text.count("is not understood") == 3, "each is told, and by whom"
