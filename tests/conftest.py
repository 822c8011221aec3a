from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.config import Config
from jupyter_live.settings import configure
from jupyter_live.testing.services import Postgres, Redis

# Before any test module imports the models. The file is never made: the fixture below names one for each test.
configure(Config(database=Path("unused.sqlite3")))


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A file name of the test's own, without suffix."""
    text: str = request.node.name
    return "".join(letter if letter.isalnum() else "-" for letter in text)[:80]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """An empty, migrated SQLite database that Django uses for this test."""
    from django.db import connections

    from jupyter_live.log.database import prepare

    path = tmp_path / "live.sqlite3"
    use_database({**connections.settings["default"], "NAME": str(path)})
    prepare(path)
    yield path
    connections.close_all()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server that all tests share: who kills or pauses one starts one of their own."""
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server that all tests share, each with databases of its own."""
    with Postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def shared_database(postgres_server: Postgres) -> Iterator[str]:
    """An empty, migrated PostgreSQL database that Django uses for this test; its address."""
    import dj_database_url
    from django.db import connections

    from jupyter_live.log.shared import prepare_shared

    url = postgres_server.database("live")
    sqlite = connections.settings["default"]
    use_database({**sqlite, **dj_database_url.parse(url), "OPTIONS": {}, "CONN_MAX_AGE": None})
    prepare_shared(url)
    yield url
    connections.close_all()
    use_database(sqlite)


def use_database(settings: dict[str, Any]) -> None:
    """Have Django use another database than so far, in threads that have not used one yet."""
    from django.db import connections

    connections.close_all()
    connections.settings["default"] = settings
    with suppress(AttributeError):  # there is no connection yet
        del connections["default"]
