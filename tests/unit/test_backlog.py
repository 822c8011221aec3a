"""What waits to become durable, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from waiting import until

from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.log import Entry, writer
from jupyter_live.log.writer import GroupCommit, Mark


class Clock:
    """What the writer takes for the time."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(writer, "time", clock)
    monkeypatch.setattr(writer, "RETRY_FIRST", 0.01)
    monkeypatch.setattr(writer, "RETRY_MAX", 0.02)
    return clock


def entry() -> Entry:
    return Entry(DocumentId("text:file:1"), Epoch("epoch"), b"x", "ada", lambda seq: None)


async def test_the_oldest_row_tells_the_lag(clock: Clock) -> None:
    commits: list[asyncio.Future[list[Seq | None]]] = []

    async def commit(entries: Sequence[Entry], marks: Sequence[Mark]) -> list[Seq | None]:
        commits.append(asyncio.get_running_loop().create_future())
        return await commits[-1]

    log = GroupCommit(commit, b"".join, lambda error: None, pace=0.0)
    assert (log.backlog.rows, log.backlog.seconds) == (0, 0.0)
    log.append(entry())
    await until(lambda: commits)
    clock.now += 5
    log.append(entry())
    clock.now += 1
    assert (log.backlog.rows, log.backlog.seconds) == (2, 6.0)
    commits[0].set_result([Seq(1)])
    await until(lambda: len(commits) == 2)
    assert (log.backlog.rows, log.backlog.seconds) == (1, 1.0)
    commits[1].set_exception(OSError("the disk is full"))
    clock.now += 3
    await until(lambda: len(commits) == 3)
    assert (log.backlog.rows, log.backlog.seconds) == (1, 4.0), "what failed still waits"
    commits[2].set_result([Seq(2)])
    await until(lambda: not log.backlog.rows)
    assert log.backlog.seconds == 0.0
