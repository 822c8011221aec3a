from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_live.testing.cluster import Cluster
from jupyter_live.testing.services import Postgres, Redis

OPTIONS = "--LiveApp.save_delay=0.2", "--LiveApp.save_delay_max=1"


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, postgres_server: Postgres
) -> Iterator[Cluster]:
    """A Jupyter server and two relays that all tests of a module share."""
    with Cluster(tmp_path_factory.mktemp("cluster"), redis_server, postgres_server, *OPTIONS) as cluster:
        yield cluster


@pytest.fixture
def work(cluster: Cluster) -> Path:
    """The folder that the Jupyter server serves."""
    return cluster.server.work


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Cluster]:
    """A Jupyter server and two relays with a Redis and a PostgreSQL of their own, to be killed."""
    with Redis(tmp_path / "redis") as redis, Postgres(tmp_path / "postgres") as postgres:
        with Cluster(tmp_path / "cluster", redis, postgres, *OPTIONS) as cluster:
            (cluster.server.work / "a.txt").write_text("begun\n")
            yield cluster
