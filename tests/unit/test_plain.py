"""The short way to a file tells what the contents manager tells."""

import asyncio
import os
from pathlib import Path

import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_live.files.plain import Plain, plain_of


@pytest.fixture
def manager(tmp_path: Path) -> AsyncLargeFileManager:
    (tmp_path / "in a folder").mkdir()
    for name in ("a.txt", "in a folder/ä.ipynb"):
        (tmp_path / name).write_text("one\ntwo\n")
        os.utime(tmp_path / name, ns=(0, 1_234_567_890_123_456_789))
    return AsyncLargeFileManager(root_dir=str(tmp_path))


@pytest.mark.parametrize("path", ["a.txt", "in a folder/ä.ipynb"])
@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
async def test_hash_time_and_size_are_the_managers(manager: AsyncLargeFileManager, path: str, algorithm: str) -> None:
    manager.hash_algorithm = algorithm
    plain = plain_of(manager)
    assert plain is not None
    told = await manager.get(path, content=False, type="file", require_hash=True)  # type: ignore[no-untyped-call]
    found = await asyncio.to_thread(plain.look, path)
    assert found is not None
    hash_, head = found
    assert (hash_, head.modified, head.size) == (told["hash"], told["last_modified"], told["size"])
    assert plain.head(path) == head


@pytest.mark.parametrize("path", ["none.txt", "in a folder", "a\0b"])
def test_what_the_manager_has_a_reason_for_is_left_to_it(manager: AsyncLargeFileManager, path: str) -> None:
    assert Plain(manager).look(path) is None and Plain(manager).head(path) is None


def test_there_is_no_short_way_past_a_manager_that_looks_otherwise(tmp_path: Path) -> None:
    class Elsewhere(FileContentsManager):
        def get(self, *args: object, **kwargs: object) -> object:
            return super().get(*args, **kwargs)  # type: ignore[no-untyped-call]

    assert plain_of(Elsewhere(root_dir=str(tmp_path))) is None
