from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_live.config import Config
from jupyter_live.settings import configure

# Before any test module imports the models. The file is never made: the fixture below names one for each test.
configure(Config(database=Path("unused.sqlite3")))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """An empty, migrated SQLite database that Django uses for this test."""
    from django.db import connections

    from jupyter_live.log.database import prepare

    path = tmp_path / "live.sqlite3"
    connections.close_all()
    connections.settings["default"]["NAME"] = str(path)
    del connections["default"]
    prepare(path)
    yield path
    connections.close_all()
