"""File ids follow their files, with either manager of jupyter-server-fileid."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_server_fileid.manager import ArbitraryFileIdManager, BaseFileIdManager, LocalFileIdManager

from jupyter_live.fileids import FileIds


@pytest.fixture(params=[ArbitraryFileIdManager, LocalFileIdManager])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> BaseFileIdManager:
    made: BaseFileIdManager = request.param(root_dir=str(tmp_path), db_path=":memory:")
    return made


@pytest.fixture
def ids(manager: BaseFileIdManager) -> FileIds:
    return FileIds({"file_id_manager": manager})


def test_a_file_written_again_gets_its_id_back(ids: FileIds, manager: BaseFileIdManager, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    file_id, is_new = ids.of("a.txt")
    assert is_new
    file.unlink()
    manager.delete("a.txt")
    assert ids.find(file_id) is None
    file.write_text("two")
    assert ids.claim(file_id, "a.txt")
    assert (ids.find(file_id), ids.of("a.txt")) == ("a.txt", (file_id, False))


def test_a_file_that_was_found_keeps_its_id(ids: FileIds, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    file_id, _ = ids.of("a.txt")
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert ids.claim(file_id, "b.txt")
    assert (ids.find(file_id), ids.at("b.txt")) == ("b.txt", file_id)


def test_the_path_of_another_file_is_not_claimed_but_taken_by_a_renaming(ids: FileIds, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    (file_id, _), (other, _) = ids.of("a.txt"), ids.of("b.txt")
    assert not ids.claim(file_id, "b.txt")
    assert (ids.find(file_id), ids.find(other)) == ("a.txt", "b.txt")
    (tmp_path / "b.txt").unlink()
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    ids.take(file_id, "b.txt")
    assert (ids.find(file_id), ids.find(other), ids.at("b.txt")) == ("b.txt", None, file_id)
