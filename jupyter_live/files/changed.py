"""All files that were changed since a moment, as one archive: what a person takes along from a temporary server."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

LIMIT = 100 * 2**20
"""Bytes of all files in an archive, which is made in memory. What goes beyond is named in the archive instead."""

LEFT_OUT = "LEFT OUT.txt"

NOT_ENTERED = {"__pycache__", "node_modules"}  # nor hidden folders: what programs keep for themselves


def archive(root: Path, since: float, limit: int = LIMIT) -> bytes:
    """A zip of the files below `root` that were written after `since` (seconds since 1970). Blocks."""
    made, size, left_out = io.BytesIO(), 0, []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archived:
        for path in _changed(root, since):
            name = path.relative_to(root).as_posix()
            try:
                content = path.read_bytes() if size + path.stat().st_size <= limit else None
            except OSError:
                content = None  # gone by now, or not for this server
            if content is None:
                left_out.append(name)
                continue
            size += len(content)
            archived.writestr(name, content)
        if left_out:
            archived.writestr(LEFT_OUT, "Too large, or not readable:\n" + "\n".join(left_out) + "\n")
    return made.getvalue()


def _changed(root: Path, since: float) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_ENTERED and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            try:
                if not name.startswith(".") and path.is_file() and path.stat().st_mtime > since:
                    yield path
            except OSError:
                continue  # gone in this moment
