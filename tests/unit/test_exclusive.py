"""The lock that servers hold while they read or write a file."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from jupyter_live.files import exclusive
from jupyter_live.files.exclusive import alone

HOLD = """
import asyncio, sys
from pathlib import Path
from jupyter_live.files.exclusive import alone

async def hold():
    async with alone(Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "a.txt"


async def test_one_at_a_time_by_whatever_name(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    inside = 0

    async def enter(path: Path) -> None:
        nonlocal inside
        async with alone(path):
            inside += 1
            await asyncio.sleep(0.01)
            assert inside == 1
            inside -= 1

    await asyncio.gather(*(enter(path) for path in (file, link) * 10))


async def test_nothing_stands_still_for_another_file_or_one_that_is_elsewhere(file: Path) -> None:
    async with alone(file), alone(file.with_name("b.txt")), alone(None), alone(None):
        pass


async def test_a_server_that_was_killed_holds_nothing_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(file.parent))
    command = sys.executable, "-c", HOLD, str(file)
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert holder.stdout and await holder.stdout.readline() == b"held\n"
    lock = await taken(file, monkeypatch)
    assert lock is None, "it lives"
    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    assert (lock := await taken(file, monkeypatch))
    lock.release()


async def test_where_nothing_can_be_locked_all_goes_on(file: Path) -> None:
    (file.parent / exclusive.FOLDER).write_text("no folder")
    async with alone(file):
        pass


async def taken(file: Path, monkeypatch: pytest.MonkeyPatch) -> FileLock | None:
    """The lock of a file; None when another has it for longer than anybody waits."""
    monkeypatch.setattr(exclusive, "PATIENCE", 0.1)
    return await exclusive._take(file)
