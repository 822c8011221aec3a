"""Which file on disk is taken for the one that was renamed."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_live.files.moves import find, likeness_of


def test_a_renamed_file_is_found_wherever_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    likeness = likeness_of(file)
    assert likeness and find(likeness, tmp_path, tmp_path) == "a.txt"
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    os.rename(file, tmp_path / "folder" / "deeper" / "b.txt")
    assert find(likeness, tmp_path, tmp_path) == "folder/deeper/b.txt"


def test_a_file_of_another_time_or_size_is_another(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    likeness, stat = likeness_of(file), file.stat()
    assert likeness
    file.write_text("other")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert find(likeness, tmp_path, tmp_path) is None, "another size"
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))
    assert find(likeness, tmp_path, tmp_path) is None, "another time"
