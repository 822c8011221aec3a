"""What an operator sees: metrics, `jupyter live status`, logs in JSON."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from waiting import until

from jupyter_live.testing.cluster import Cluster, RelayProcess

from .people import all_logged, all_saved, all_see, write

OPTIONS = "--metrics", "--log-format", "json"


@pytest.fixture(scope="module")
def observed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """One more relay, that an operator may look at."""
    with cluster.relay(tmp_path_factory.mktemp("observed"), *OPTIONS) as relay:
        yield relay


def parsed(text: str) -> dict[str, float]:
    """`name{label}` -> value."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def metrics(relay: RelayProcess) -> dict[str, float]:
    status, text = relay.get("/metrics")
    assert status == 200, text
    return parsed(text)


async def shows(relay: RelayProcess, name: str, value: float) -> None:
    """Wait until a relay's metric has a value."""

    async def is_so() -> bool:
        return (await asyncio.to_thread(metrics, relay)).get(name) == value

    await until(is_so, f"{name} is never {value}")


async def status(cluster: Cluster, *options: str) -> tuple[int, str]:
    """Run `jupyter live status` as the user of the cluster's Jupyter server: exit status and output."""
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(cluster.server.home / "runtime")}
    command = [sys.executable, "-m", "jupyter_live.cli", "status", "--timeout", "20", *options]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


async def test_metrics_change_as_people_connect_and_type(cluster: Cluster, observed: RelayProcess, work: Path) -> None:
    (work / "counted.txt").write_text("")
    before = await asyncio.to_thread(metrics, observed)
    assert before["jupyter_live_connections{writer}"] == before["jupyter_live_rooms{elsewhere}"] == 0
    assert before["jupyter_live_layer_up"] == before["jupyter_live_log_up"] == 1
    async with cluster.client("counted.txt", observed) as ada, cluster.client("counted.txt", cluster.relays[0]) as bob:
        write(bob, "from another process")
        await all_see([ada, bob], "from another process")
        await all_saved([ada, bob])
        during = await asyncio.to_thread(metrics, observed)
        assert during["jupyter_live_connections{writer}"] == during["jupyter_live_rooms{elsewhere}"] == 1
        assert during["jupyter_live_propagation_seconds_count"] >= 1
    await shows(observed, "jupyter_live_connections{writer}", 0)


async def test_resyncs_are_counted_by_reason(cluster: Cluster, observed: RelayProcess, work: Path) -> None:
    (work / "resynced.txt").write_text("")
    before = await asyncio.to_thread(metrics, observed)
    async with (
        cluster.client("resynced.txt", observed) as ada,
        cluster.client("resynced.txt", observed) as bob,
        cluster.client("resynced.txt", cluster.relays[0]) as cy,
    ):
        write(cy, "too large for a message" + "x" * 300_000)
        await all_see([ada, bob, cy], "too large for a message" + "x" * 300_000)
        ada.stop_reading()
        while not (await asyncio.to_thread(metrics, observed))["jupyter_live_connections_behind"]:
            write(bob, "x" * 1_000_000)  # until the sockets' buffers are full, and then the outbox
            await all_logged([bob])
        ada.read_on()
        await shows(observed, "jupyter_live_connections_behind", 0)
    after = await asyncio.to_thread(metrics, observed)
    for reason in ("gap", "slow"):
        assert after[f"jupyter_live_resyncs_total{{{reason}}}"] > before[f"jupyter_live_resyncs_total{{{reason}}}"]


async def test_a_scrape_is_what_prometheus_reads(observed: RelayProcess) -> None:
    told = await asyncio.to_thread(metrics, observed)
    assert all(name.startswith("jupyter_live_") for name in told)
    info = next(name for name in told if name.startswith("jupyter_live_info"))
    assert str(observed._pids()[0]) in info


@pytest.mark.parametrize("path", ["/metrics", "/statusz"])
async def test_without_the_flag_there_is_nothing_to_see(cluster: Cluster, path: str) -> None:
    code, text = await asyncio.to_thread(cluster.relays[0].get, path)
    assert code == 404 and json.loads(text)["code"] == "unknown_endpoint"


async def test_a_jupyter_server_tells_who_may_write(cluster: Cluster) -> None:
    code, text = await asyncio.to_thread(cluster.server.request, "GET", "api/collaboration/metrics")
    assert code == 200 and parsed(text)["jupyter_live_log_up"] == 1
    code, told = await asyncio.to_thread(cluster.server.request, "GET", "api/collaboration/status")
    assert code == 200 and told["state"] == "up"
    for path in ("metrics", "status"):
        asking = partial(cluster.server.request, "GET", f"api/collaboration/{path}", signed_in=False)
        code, told = await asyncio.to_thread(asking)
        assert code == 403 and told["code"] == "unauthenticated"
        code, told = await asyncio.to_thread(cluster.server.request, "PUT", f"api/collaboration/{path}", {})
        assert code == 400 and told["code"] == "bad_request"


async def test_status_shows_processes_and_documents(cluster: Cluster, observed: RelayProcess, work: Path) -> None:
    (work / "listed.txt").write_text("")
    relay = f"http://127.0.0.1:{observed.port}"
    server = cluster.server.url.rstrip("/")
    async with cluster.client("listed.txt", observed) as ada, cluster.client("listed.txt") as bob:
        write(ada, "here")
        await all_saved([ada, bob])
        code, text = await status(cluster, "--url", relay, "--jupyter")
        assert code == 0, text
        lines = [line.split() for line in text.splitlines()]
        assert ["listed.txt", server, "1", "here", "-"] in lines
        assert [ada.room, relay, "1", "elsewhere", "-"] in lines
        code, text = await status(cluster, "--url", relay, "--json")
        (told,) = json.loads(text)
        assert code == 0 and told["well"] and told["process"] == relay and told["people"] == 1
        (document,) = [each for each in told["documents"] if each["id"] == ada.room]
        assert document["people"] == document["others"] == 1


async def test_status_fails_when_somebody_does_not_answer(cluster: Cluster, observed: RelayProcess) -> None:
    relay = f"http://127.0.0.1:{observed.port}"
    code, text = await status(cluster, "--url", relay, "--url", "http://127.0.0.1:1")
    assert code == 1 and "down" in text and "up" in text
    code, text = await status(cluster, "--url", f"http://127.0.0.1:{cluster.relays[0].port}")
    assert code == 1 and "--metrics" in text
    code, text = await status(cluster, "--url", f"{cluster.server.url}?token=wrong")
    assert code == 1 and "HTTP 403" in text and "wrong" not in text


async def test_json_logs_name_document_and_connection(cluster: Cluster, observed: RelayProcess, work: Path) -> None:
    (work / "logged.txt").write_text("")
    async with cluster.client("logged.txt", observed) as ada, cluster.client("logged.txt", observed) as bob:
        for person in (ada, bob):
            await person.send(b"\x00\x07nonsense")
            await person.until(partial(getattr, person, "closed"))
    told = [json.loads(line) for line in observed.log().splitlines()]
    assert all(line.keys() >= {"time", "level", "logger", "message"} for line in told)
    closings = [line for line in told if "closing the socket" in line["message"] and line.get("document") == ada.room]
    assert len(closings) == 2 and closings[0]["connection"] != closings[1]["connection"]
    assert all(line["code"] in ("malformed_frame", "unknown_message") for line in closings)


async def test_the_end_of_redis_shows(fragile: Cluster, tmp_path: Path) -> None:
    with fragile.relay(tmp_path / "observed", *OPTIONS) as relay:
        ada = await fragile.client("a.txt", relay).open()
        url = f"http://127.0.0.1:{relay.port}"
        await shows(relay, "jupyter_live_layer_up", 1)
        await asyncio.to_thread(fragile.redis.kill)
        await shows(relay, "jupyter_live_layer_up", 0)
        code, text = await status(fragile, "--url", url)
        assert code == 1 and "layer_failed" in text

        def is_logged() -> bool:  # each document hears of it by itself
            told: list[dict[str, Any]] = [json.loads(line) for line in relay.log().splitlines()]
            return any(line.get("code") == "layer_failed" and line.get("document") == ada.room for line in told)

        await until(is_logged)
        await asyncio.to_thread(fragile.redis.start)
        await shows(relay, "jupyter_live_layer_up", 1)
        assert (await asyncio.to_thread(metrics, relay))["jupyter_live_layer_reconnects_total"] >= 1
        await ada.close()


async def test_a_file_that_nobody_has_shows(fragile: Cluster, tmp_path: Path) -> None:
    with fragile.relay(tmp_path / "observed", *OPTIONS) as relay:
        ada = await fragile.client("a.txt", relay).open()
        await asyncio.to_thread(fragile.server.stop)
        await shows(relay, "jupyter_live_rooms{behind}", 1)
        code, text = await status(fragile, "--url", f"http://127.0.0.1:{relay.port}")
        assert code == 1 and "file_behind" in text
        await ada.close()
