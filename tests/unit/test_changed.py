"""What was changed on a temporary server, as an archive."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from jupyter_live.files.changed import LEFT_OUT, archive

SINCE = 1_700_000_000.0


def put(root: Path, name: str, text: str, at: float = SINCE + 5) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def opened(root: Path, limit: int = 1000) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive(root, SINCE, limit))) as archived:
        return {name: archived.read(name).decode() for name in archived.namelist()}


def test_what_was_written_since_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "new.ipynb", "{}")
    put(tmp_path, "a folder/naïve 🌊.txt", "wave")
    put(tmp_path, "old.txt", "old", at=SINCE - 5)
    assert opened(tmp_path) == {"new.ipynb": "{}", "a folder/naïve 🌊.txt": "wave"}


def test_what_programs_keep_for_themselves_stays(tmp_path: Path) -> None:
    for name in (".hidden", ".ipynb_checkpoints/a.ipynb", "lib/__pycache__/a.pyc", "x/node_modules/a.js"):
        put(tmp_path, name, "x")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert opened(tmp_path) == {}


def test_what_is_too_large_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "x" * 60)
    put(tmp_path, "b.txt", "x" * 60)
    put(tmp_path, "c.txt", "x" * 30)
    found = opened(tmp_path, limit=100)
    assert set(found) == {"a.txt", "c.txt", LEFT_OUT}
    assert "b.txt" in found[LEFT_OUT] and "a.txt" not in found[LEFT_OUT]
