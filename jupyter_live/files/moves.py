"""Finding a file again that was renamed on disk, behind Jupyter's back: its inode is the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

Inode = tuple[int, int]
"""Device and number."""

LIMIT = 20_000  # entries to look at: some 50 ms; a larger tree is searched only in part


def inode_of(path: Path) -> Inode | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino) if stat.st_ino else None


def find(inode: Inode, root: Path, near: Path) -> str | None:
    """The path below `root`, with slashes, of the file that `inode` is now. Looks in the folder `near` first."""
    seen = 0
    for folder in (near, root):
        for entry in _files(folder, recursive=folder is root):
            seen += 1
            if seen > LIMIT:
                return None
            if entry.inode() == inode[1] and inode_of(Path(entry.path)) == inode:
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
