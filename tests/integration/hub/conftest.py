from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from deployed import DeployedHub, Visitor

from jupyter_live.testing.services import Postgres, Redis


@pytest.fixture(scope="package")
def hub(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, postgres_server: Postgres
) -> Iterator[DeployedHub]:
    """The hub as it is deployed, with its relay and its documents; the server of the group is started by ada."""
    home = tmp_path_factory.mktemp("hub")
    keys = home / "keys"
    keys.write_text(secrets.token_urlsafe(48))
    shared = {"DATABASE": postgres_server.database("hub"), "LAYER": redis_server.url, "KEYS": str(keys)}
    with DeployedHub(home, shared) as hub:
        for name in ("ada", "bob", "eve"):
            Visitor(hub).sign_in(name)  # from then on the hub knows that they are there, and how they are shown
        hub.ask("POST", "users/analysis/server", {}, hub.token("ada"))
        yield hub
