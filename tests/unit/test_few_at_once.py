"""Many files that are to be saved at the same time are saved a few at a time, and all of them."""

import asyncio
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live.files import convert
from jupyter_live.files.contents import AT_ONCE, Contents
from jupyter_live.files.disk import Disk
from jupyter_live.ids import DocumentName


class Named:
    """Files whose names are their ids."""

    def find(self, file_id: str) -> str | None:
        return file_id

    def at(self, path: str) -> str | None:
        return path

    def claim(self, file_id: str, path: str) -> bool:
        return True

    def take(self, file_id: str, path: str) -> None: ...


class Slow(AsyncLargeFileManager):
    """Counts how many files are being saved."""

    now = most = 0

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        return saved


async def test_they_take_turns(tmp_path: Path) -> None:
    manager = Slow(root_dir=str(tmp_path))
    contents = Contents(manager, 2**20)
    names = [f"{number}.txt" for number in range(20)]
    disks = []
    for name in names:
        (tmp_path / name).write_text("old\n")
        disks.append(Disk(DocumentName("text", "file", name), Named(), contents))
        disks[-1].note(await disks[-1].read())
    _, new = convert.to_update("file", "new\n")
    assert all(await asyncio.gather(*(disk.write(new) for disk in disks)))
    assert 1 < manager.most <= AT_ONCE
    assert {(tmp_path / name).read_text() for name in names} == {"new\n"}


async def test_one_that_fails_or_is_given_up_lets_the_next_begin(tmp_path: Path) -> None:
    contents = Contents(Slow(root_dir=str(tmp_path)), 2**20)
    (tmp_path / "a.txt").write_text("old\n")
    disk = Disk(DocumentName("text", "file", "a.txt"), Named(), contents)
    disk.note(await disk.read())
    _, new = convert.to_update("file", "new\n")
    given_up = [asyncio.create_task(disk.write(new)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0.005)
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    assert await asyncio.wait_for(disk.write(new), 10)
