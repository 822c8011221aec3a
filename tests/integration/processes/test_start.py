"""Starting with addresses that are wrong, or where nobody answers yet."""

import asyncio
from pathlib import Path

import pytest
from waiting import until

from jupyter_live.testing.cluster import Cluster, RelayProcess
from jupyter_live.testing.server import LiveServer
from jupyter_live.testing.services import Postgres, Redis

NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("database", "layer", "told"),
    [
        (f"postgresql://live:secret@{NOBODY}/live", "", "cannot be used: connection"),
        ("mysql://somewhere/live", "", "is no postgresql:// address"),
        ("", f"redis://:secret@{NOBODY}/0", "the channel layer cannot be used"),
        ("", "amqp://somewhere", "is no redis:// address"),
        ("postgresql://postgres@{postgres}/none", "", 'database "none" does not exist'),
    ],
)
def test_a_relay_says_what_is_wrong_and_ends(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres, database: str, layer: str, told: str
) -> None:
    (tmp_path / "keys").write_text("k" * 40)
    database = database.replace("{postgres}", f"127.0.0.1:{postgres_server.port}") or postgres_server.url()
    relay = RelayProcess(tmp_path, database, layer or redis_server.url, tmp_path / "keys")
    with pytest.raises(RuntimeError, match="did not start"):
        relay.start()
    assert told in relay.log() and "secret" not in relay.log() and "Traceback" not in relay.log()


@pytest.mark.parametrize("keys", [None, "", "short"])
def test_a_relay_needs_good_keys(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres, keys: str | None
) -> None:
    if keys is not None:
        (tmp_path / "keys").write_text(keys)
    relay = RelayProcess(tmp_path, postgres_server.url(), redis_server.url, tmp_path / "keys")
    with pytest.raises(RuntimeError, match="keys"):
        relay.start()


async def test_a_server_waits_for_what_it_shares(tmp_path: Path) -> None:
    with Redis(tmp_path / "redis") as redis, Postgres(tmp_path / "postgres") as postgres:
        cluster = Cluster(tmp_path / "cluster", redis, postgres, relays=0)
        await asyncio.to_thread(redis.stop)
        with cluster.server as server:
            (server.work / "a.txt").write_text("begun")
            status, answer = await asyncio.to_thread(server.session, "a.txt", "text", "file")
            assert (status, answer["code"]) == (503, "not_ready")
            await asyncio.to_thread(redis.start)
            await until(lambda: server.session("a.txt", "text", "file")[0] == 201)


def test_one_of_the_two_is_not_enough(tmp_path: Path) -> None:
    with LiveServer(tmp_path, f"--LiveApp.layer=redis://{NOBODY}/0") as server:
        (server.work / "a.txt").write_text("begun")
        status, answer = server.session("a.txt", "text", "file")
        assert (status, answer["code"]) == (503, "not_started")
        assert "a shared database needs a channel layer" in server.log()
