"""What operators are told of rooms, which are made up here."""

from __future__ import annotations

import asyncio
import builtins
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jupyter_live.access import Role
from jupyter_live.asgi import Settings
from jupyter_live.consumers.operator import MetricsConsumer, OperatorConsumer, StatusConsumer
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentName
from jupyter_live.log.writer import Backlog
from jupyter_live.operating import looplag
from jupyter_live.operating.looplag import LoopLag
from jupyter_live.operating.reports import Operating
from jupyter_live.rooms import Rooms
from jupyter_live.tally import BOUNDS, Delays, LinkTally, Tally


def member(role: Role = Role.WRITER, size: int = 0, behind: bool = False) -> Any:
    return SimpleNamespace(role=role, outbox=SimpleNamespace(size=size, behind=behind))


def room(
    *members: Any, file: bool = True, code: str | None = None, is_up: bool = True, others: int = 0, fork: bool = False
) -> Any:
    return SimpleNamespace(
        document="text:file:1",
        name=DocumentName("text", "file", "0" * 32 if fork else "1"),
        path="a.txt",
        members=members,
        sockets=len(members),
        bridge=SimpleNamespace(has_file=file),
        filing=SimpleNamespace(notice=lambda: {"code": code}),
        link=SimpleNamespace(is_up=is_up, peers=SimpleNamespace(members=others)),
    )


class Process:
    """Rooms and a log, as far as operators ask."""

    def __init__(self) -> None:
        self.rooms: list[Any] = []
        self.lobby = SimpleNamespace(members=list[Any](), link=LinkTally())
        self.tally = Tally()
        self.health: LiveError | None = None
        self.backlog = Backlog()

    def all(self) -> list[Any]:
        return self.rooms


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
async def operating(process: Process) -> Any:
    operating = Operating(cast(Rooms, process), process)
    yield operating
    operating.close()


def samples(operating: Operating) -> dict[str, float]:
    """`name{label}` -> value."""
    families = text_string_to_metric_families(operating.metrics().decode())
    found = {}
    for sample in (sample for family in families for sample in family.samples):
        labels = ",".join(sample.labels.values())
        found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


async def test_people_and_what_waits_for_them(process: Process, operating: Operating) -> None:
    process.rooms = [
        room(member(size=10), member(Role.VIEWER, size=30, behind=True)),
        room(member()),
    ]
    process.lobby.members.append(member(size=2))
    told = samples(operating)
    assert told["jupyter_live_connections{writer}"] == 2 and told["jupyter_live_connections{viewer}"] == 1
    assert told["jupyter_live_lobby_connections"] == 1 and told["jupyter_live_connections_behind"] == 1
    assert told["jupyter_live_outbox_bytes"] == 42 and told["jupyter_live_outbox_max_bytes"] == 30


async def test_documents_by_where_their_file_is(process: Process, operating: Operating) -> None:
    process.rooms = [room(), room(file=False), room(file=False, code="file_behind"), room(code="file_missing")]
    process.rooms.append(room(fork=True))
    told = samples(operating)
    files = ("here", "elsewhere", "behind", "none")
    assert [told[f"jupyter_live_rooms{{{where}}}"] for where in files] == [2, 1, 1, 1]
    assert told["jupyter_live_rooms_troubled{file_behind}"] == told["jupyter_live_rooms_troubled{file_missing}"] == 1


async def test_the_log_and_the_layer(process: Process, operating: Operating) -> None:
    told = samples(operating)
    assert told["jupyter_live_log_up"] == told["jupyter_live_layer_up"] == 1
    process.health, process.backlog = LiveError("log_failed"), Backlog(7, 1.5)
    process.rooms = [room(is_up=False)]
    told = samples(operating)
    assert told["jupyter_live_log_up"] == told["jupyter_live_layer_up"] == 0
    assert told["jupyter_live_log_waiting_rows"] == 7 and told["jupyter_live_log_lag_seconds"] == 1.5


async def test_what_was_counted(process: Process, operating: Operating) -> None:
    process.tally = Tally(1, 2, 3, 4)
    process.tally.delays.add(0.02)
    told = samples(operating)
    assert [told[f"jupyter_live_resyncs_total{{{reason}}}"] for reason in ("gap", "slow", "epoch")] == [1, 2, 3]
    assert told["jupyter_live_layer_reconnects_total"] == 4
    assert told["jupyter_live_propagation_seconds_count"] == 1
    assert told["jupyter_live_propagation_seconds_bucket{0.01}"] == 0
    assert told["jupyter_live_propagation_seconds_bucket{0.025}"] == 1


async def test_all_names_are_ours(operating: Operating) -> None:
    assert all(name.startswith("jupyter_live_") for name in samples(operating))


async def test_what_is_wrong_on_this_side_is_a_trouble(process: Process, operating: Operating) -> None:
    process.rooms = [room(code="file_missing")]  # somebody deleted it: not for an operator
    assert operating.status()["troubles"] == []
    process.rooms = [room(code="disk_full"), room(file=False, is_up=False, others=3)]
    process.health = LiveError("log_failed")
    status = operating.status()
    assert status["troubles"] == ["disk_full", "layer_failed", "log_failed"]
    assert status["documents"][1] == {
        "id": "text:file:1",
        "path": "a.txt",
        "people": 0,
        "others": 3,
        "file": "elsewhere",
        "code": None,
    }


async def test_a_process_that_ends_says_so(operating: Operating) -> None:
    assert operating.status()["state"] == "up" and samples(operating)["jupyter_live_draining"] == 0
    operating.is_draining = True
    assert operating.status()["state"] == "draining" and samples(operating)["jupyter_live_draining"] == 1


@pytest.mark.parametrize(("said", "shown"), [({}, False), ({"JUPYTER_LIVE_METRICS": "1"}, True)])
def test_a_relay_shows_them_when_it_is_told_to(said: dict[str, str], shown: bool) -> None:
    told = {f"JUPYTER_LIVE_{name}": "x" for name in ("DATABASE", "LAYER", "KEYS")}
    assert Settings.read(told | said).metrics is shown


@pytest.mark.parametrize("consumer", [StatusConsumer, MetricsConsumer])
async def test_who_may_only_read_is_told_nothing(operating: Operating, consumer: type[OperatorConsumer]) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await consumer(operating)({"type": "http", "method": "GET", "permissions": {"read"}}, receive, send)
    assert sent[0]["status"] == 403 and json.loads(sent[1]["body"])["code"] == "forbidden"


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = builtins.__import__

    def importing(name: str, *arguments: Any) -> Any:
        if name.startswith("prometheus_client"):
            raise ModuleNotFoundError("No module named 'prometheus_client'")
        return real(name, *arguments)

    with monkeypatch.context() as patched:
        patched.delitem(sys.modules, "jupyter_live.operating.metrics", raising=False)
        patched.setattr(builtins, "__import__", importing)
        yield


@pytest.mark.usefixtures("without_library")
async def test_without_the_library_there_are_no_metrics_and_all_else_works(operating: Operating) -> None:
    with pytest.raises(LiveError, match="jupyter-live.metrics") as caught:
        operating.metrics()
    assert caught.value.kind.status == 404
    assert operating.status()["state"] == "up"


async def test_the_loop_is_seen_to_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looplag, "TICK", 0.01)
    loop = asyncio.get_running_loop()
    now, offset = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + offset)
    lag = LoopLag()
    await asyncio.sleep(0.05)
    offset = 30.0  # as if it had been blocked
    assert lag.last > 20 and lag.max > 20, "seen also before it looks again"
    await asyncio.sleep(0.05)
    assert lag.last < 20 < lag.max
    lag.forget()
    assert lag.max < 20
    lag.close()


def test_delays_are_counted_by_bounds_and_never_below_zero() -> None:
    delays = Delays()
    for seconds in (-5.0, BOUNDS[0], BOUNDS[-1] + 1):
        delays.add(seconds)
    assert dict(delays.cumulated())["0.005"] == 2 and dict(delays.cumulated())["+Inf"] == 3
    assert delays.total == BOUNDS[0] + BOUNDS[-1] + 1
    both = delays + delays
    assert dict(both.cumulated())["+Inf"] == 6 and sum(delays.counts) == 3
