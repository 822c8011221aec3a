"""Two processes' rooms on one PostgreSQL, and a layer that loses, repeats and delays what it is given."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from channels.layers import channel_layers
from waiting import until

from jupyter_live.access import Role
from jupyter_live.config import Config
from jupyter_live.consumers.relay import RelayConsumer
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.ids import DocumentName, Identity
from jupyter_live.joining import Joiner
from jupyter_live.layer import LocalChannelLayer
from jupyter_live.leases import Never
from jupyter_live.log import Fingerprints
from jupyter_live.log.sql import SqlLog
from jupyter_live.member import Member
from jupyter_live.outbox import Outbox
from jupyter_live.room import Room
from jupyter_live.rooms import NO_FILES, Rooms
from jupyter_live.testing.engine import typed

NAME = DocumentName("text", "file", "1")
PROCESSES, EDITS = 3, 60


class Lossy:
    """Of what is sent to groups, 30 % is lost, 30 % comes twice, and 30 % up to a second late."""

    extensions = ["groups", "flush"]

    def __init__(self, seed: int) -> None:
        self._layer = LocalChannelLayer(capacity=100_000)
        self._chance = random.Random(seed)
        self._late: list[asyncio.Future[None]] = []
        self.lost = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self._chance.random() < 0.3:
            self.lost += 1
            return
        for _ in range(2 if self._chance.random() < 0.3 else 1):
            if self._chance.random() < 0.3:
                asyncio.get_running_loop().call_later(self._chance.random(), self._send_late, group, message)
            else:
                await self._layer.group_send(group, message)

    def _send_late(self, group: str, message: dict[str, Any]) -> None:
        self._late.append(asyncio.ensure_future(self._layer.group_send(group, message)))


@pytest.fixture(params=range(3))
def layer(request: pytest.FixtureRequest) -> Lossy:
    layer = Lossy(request.param)
    channel_layers.set("default", layer)
    return layer


@pytest.fixture
async def processes(layer: Lossy, shared_database: str) -> AsyncIterator[list[Rooms]]:
    engine, found = PycrdtEngine(), []
    logs = [SqlLog(engine.merge, engine.fold, engine.fold_onto) for _ in range(PROCESSES)]
    await logs[0].begin(NAME.id, typed("begun")[0], Fingerprints())
    for log in logs:
        joiner = Joiner(engine, log, RelayConsumer)
        found.append(Rooms(Config(Path()), log, joiner.open, NO_FILES, Never(), RelayConsumer))
    yield found
    for rooms, log in zip(found, logs, strict=True):
        await rooms.drain()
        await log.close()


def joined(room: Room, name: str) -> Member:
    member = Member(Identity(name), Role.WRITER, Outbox(2**20), notices=True)
    room.join(member)
    return member


async def test_all_converge(processes: list[Rooms], layer: Lossy) -> None:
    rooms = [await process.open(NAME) for process in processes]
    members = [joined(room, f"person {n}") for n, room in enumerate(rooms)]
    for edit in range(EDITS):
        for n, (room, member) in enumerate(zip(rooms, members, strict=True)):
            room.accept(typed(f"<{n}.{edit}>")[0], member)
        await asyncio.sleep(0.02)
    await until(lambda: all(member.acks.logged == EDITS for member in members))
    await until(lambda: len({room.journal.tail.seq for room in rooms}) == 1)
    texts = {_text(room) for room in rooms}
    assert len(texts) == 1 and all(f"<{n}.{edit}>" in texts.copy().pop() for n in range(3) for edit in range(EDITS))
    assert layer.lost


async def test_a_last_message_that_is_lost_is_noticed(
    processes: list[Rooms], layer: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await process.open(NAME) for process in processes[:2]]
    member = joined(first, "somebody")
    monkeypatch.setattr(layer, "group_send", _lose)
    first.accept(typed("the last word")[0], member)
    await until(lambda: "the last word" in _text(second))


async def _lose(group: str, message: object) -> None:
    pass


def _text(room: Room) -> str:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in room.whole.updates():
        doc.apply_update(update)
    return str(doc.get("source", type=pycrdt.Text))
