"""A database belongs to one running server."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from jupyter_live.log import owner
from jupyter_live.log.owner import Owned, own

TAKE_AND_HAVE_A_CHILD = """
import subprocess, sys
from pathlib import Path
from jupyter_live.config import Config
from jupyter_live.settings import configure
path = Path(sys.argv[1])
configure(Config(database=path))
from jupyter_live.log.owner import own
owned = own(path)
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
print(owned.path.name, child.pid, flush=True)
input()
"""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, database: Path) -> Iterator[list[Owned]]:
    """Put in here what is to be released."""
    monkeypatch.setattr(owner, "STOPPING", 0.1)
    taken: list[Owned] = []
    yield taken
    for each in taken:
        each.release()


def test_each_server_has_a_database_of_its_own(database: Path, taken: list[Owned]) -> None:
    for name in ("live.sqlite3", "live.2.sqlite3", "live.3.sqlite3"):
        taken.append(own(database))
        assert taken[-1].path == database.with_name(name) and taken[-1].trouble is None
        assert connection.settings_dict["NAME"] == str(taken[-1].path)
    taken[1].release()
    taken.append(own(database))
    assert taken[-1].path.name == "live.2.sqlite3", "it is the first that is free"


def test_a_killed_server_leaves_its_database_though_its_kernels_live(database: Path, taken: list[Owned]) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", TAKE_AND_HAVE_A_CHILD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout is not None
    name, child = first.stdout.readline().decode().split()
    try:
        taken.append(own(database))
        assert (name, taken[0].path.name) == ("live.sqlite3", "live.2.sqlite3")
        first.kill()
        first.communicate()
        os.kill(int(child), 0)  # it lives
        taken.append(own(database))
        assert taken[1].path == database
    finally:
        os.kill(int(child), signal.SIGKILL)


@pytest.mark.parametrize("in_the_way", ["", "jupyter_live"])
def test_where_there_can_be_no_database_it_is_in_a_temporary_folder(
    tmp_path: Path, taken: list[Owned], in_the_way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the superuser cannot make a folder below a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = tmp_path / "data"
    if in_the_way:
        place.mkdir()
    (place / in_the_way).write_text("a file")
    taken.append(own(place / "jupyter_live" / "live.sqlite3"))
    trouble = taken[0].trouble
    assert trouble is not None and trouble.code == "log_temporary"
    assert str(place) in trouble.detail and str(taken[0].path.parent) in trouble.detail
    assert taken[0].path.stat().st_size and taken[0].path.parent.stat().st_mode & 0o077 == 0
    assert (place / in_the_way).read_text() == "a file"
