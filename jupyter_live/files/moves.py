"""Finding a file again that was renamed on disk, behind Jupyter's back: its inode is the same, and so is all else.

The inode alone proves nothing: ext4 gives that of a deleted file to the next new one, as when git checks out another
branch. So a file that was renamed and changed is not found; that is as if it was deleted and another one was made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Inode = tuple[int, int]
"""Device and number."""

LIMIT = 20_000  # entries to look at: some 50 ms; a larger tree is searched only in part


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a file keeps when it is renamed, and no other file has all of."""

    inode: Inode
    modified: int
    size: int
    born: float | None
    """None where Python does not tell it, as on Linux."""


def likeness_of(path: Path) -> Likeness | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    if not stat.st_ino:
        return None
    inode, born = (stat.st_dev, stat.st_ino), getattr(stat, "st_birthtime", None)
    return Likeness(inode, stat.st_mtime_ns, stat.st_size, born)


def find(likeness: Likeness, root: Path, near: Path) -> str | None:
    """The path below `root`, with slashes, of the file that is like that now. Looks in the folder `near` first.

    Times may be coarse, or set by the one who wrote it: whether it is the file, its content has to tell.
    """
    seen = 0
    for folder in (near, root):
        for entry in _files(folder, recursive=folder is root):
            seen += 1
            if seen > LIMIT:
                return None
            if entry.inode() == likeness.inode[1] and likeness_of(Path(entry.path)) == likeness:
                return Path(entry.path).relative_to(root).as_posix()
    return None


def _files(folder: Path, *, recursive: bool) -> Iterator[os.DirEntry[str]]:
    folders = [os.fspath(folder)]
    while folders:
        try:
            with os.scandir(folders.pop(0)) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        yield entry
                    elif recursive and entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        folders.append(entry.path)
        except OSError:
            continue  # not ours to read, or gone meanwhile
