"""Large bytes go to other processes past the pickle, and nothing else does."""

from __future__ import annotations

import dataclasses
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_live import parcels, work
from jupyter_live.errors import LiveError
from jupyter_live.files.convert import Content
from jupyter_live.parcels import HEAVY, Parcel, Unreachable, deliver

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no such memory")

BIG = os.urandom(3 * HEAVY)


@pytest.fixture(autouse=True)
def processes() -> Iterator[None]:
    yield
    work.close()


def swapped(first: object, second: object) -> list[object]:
    return [second, {"first": first}]


def refuse(*args: object) -> None:
    raise LiveError("save_failed", "no")


def memories() -> int:
    """How many of them this process has."""
    files = Path("/proc/self/fd").iterdir()
    return sum("memfd:jupyter-live" in os.readlink(file) for file in files if file.is_symlink())


def test_large_bytes_do_not_go_through_the_pickle_and_come_back_as_they_were() -> None:
    content = Content(BIG + b"packed", "fingerprint", ids=("a", "b"))
    parcel = Parcel(swapped, ([BIG, BIG[:10], BIG[::-1]], content))
    left = deliver(parcel.call)
    assert max(len(parcel.call.packed), len(left)) < 1000
    back, there = parcel.result(left)
    assert there == {"first": [BIG, BIG[:10], BIG[::-1]]}
    assert (back, back.packed) == (content, content.packed)
    assert memories() == 2
    parcel.close()
    assert memories() == 0


async def test_work_in_another_process_gets_them_and_gives_them_back(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        assert await work.run(work.LARGE, swapped, BIG, "small") == ["small", {"first": BIG}]
    with pytest.raises(LiveError, match="save_failed"):
        await work.run(work.LARGE, refuse, BIG)
    assert memories() == 0
    assert not caplog.records


def test_who_cannot_open_it_does_nothing(tmp_path: Path) -> None:
    parcel = Parcel(swapped, (BIG, BIG))
    nowhere = parcel.call.back._replace(path=str(tmp_path / "nowhere"))
    with pytest.raises(Unreachable):
        deliver(dataclasses.replace(parcel.call, back=nowhere))
    # A descriptor that was closed and is something else by now.
    other = tmp_path / "other"
    other.write_text("not ours")
    with pytest.raises(Unreachable):
        deliver(dataclasses.replace(parcel.call, back=parcel.call.back._replace(path=str(other))))
    assert other.read_text() == "not ours"


async def test_where_other_processes_cannot_open_it_pipes_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hidden = parcels.Memory("/proc/self/fd/none", 0, 0)
    monkeypatch.setattr(Parcel, "_memory", lambda self: (self._fds.append(os.memfd_create("x")), hidden)[1])
    monkeypatch.setattr(work._documents, "_has_parcels", True)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert await work.run(work.LARGE, swapped, BIG, "small") == ["small", {"first": BIG}]
    assert [record.message for record in caplog.records] == [
        "large documents are copied through pipes: [Errno 2] No such file or directory: '/proc/self/fd/none'"
    ]
    assert not work._documents._has_parcels


async def test_where_there_is_no_such_memory_pipes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "memfd_create", lambda name: os.open("/nowhere", os.O_RDONLY))
    assert await work.run(work.LARGE, swapped, BIG, "small") == ["small", {"first": BIG}]
    monkeypatch.delattr(os, "memfd_create")
    assert not parcels.is_possible()
