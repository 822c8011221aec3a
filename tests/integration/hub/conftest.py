from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployed import DeployedHub, Visitor, deployed

from jupyter_live.testing.services import Postgres, Redis


@pytest.fixture(scope="package")
def hub(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, postgres_server: Postgres
) -> Iterator[DeployedHub]:
    """The hub as it is deployed, with its relay and its documents; the server of the group is started by ada."""
    with deployed(tmp_path_factory.mktemp("hub"), redis_server, postgres_server) as hub:
        for name in ("ada", "bob", "eve"):
            Visitor(hub).sign_in(name)  # from then on the hub knows that they are there, and how they are shown
        hub.ask("POST", "users/analysis/server", {}, hub.token("ada"))
        yield hub
