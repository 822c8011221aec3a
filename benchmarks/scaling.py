"""What one more process costs: people on one document, spread over 1 and 2 relays (`python -m benchmarks.scaling`).

CPU per delivery of each relay should stay as it is with as many people at each: what an edit costs a relay is shared by
those it delivers to, so half as many people at one relay are measured, too. Redis should see one message a batch,
whatever the number of sockets. Everything runs on this machine: what several machines would give is told by CPU, not by
the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import redis

from benchmarks import machine
from benchmarks.board import Board, percentile
from benchmarks.client import Client, read_text
from benchmarks.dialects import YWebsocket
from benchmarks.servers.base import Room
from benchmarks.updates import expected
from benchmarks.window import Figures
from benchmarks.workloads.pace import evenly
from benchmarks.workloads.typing import Party, drain, note_missing, open_all, some_typists
from jupyter_live.testing.cluster import Cluster, RelayProcess
from jupyter_live.testing.services import Postgres, Redis

WRITERS, RATE = 10, 1  # people who type, characters a second of each
WARM_UP = 2.0  # seconds


async def window(cluster: Cluster, relays: list[RelayProcess], clients: int, seconds: float) -> dict[str, Any]:
    """One document, these relays, so many people at them in turn; `seconds` of typing."""
    path = f"scaling-{len(relays)}-{clients}.txt"
    (cluster.server.work / path).write_text("")
    party = _party(cluster, path, relays, clients)
    empty = sum(machine.usage(relay.pid).rss for relay in relays)
    await open_all(party.clients)
    grown = sum(machine.usage(relay.pid).rss for relay in relays) - empty
    await evenly(party.acts, RATE, WARM_UP)
    await drain(party.board)
    party.board.record()
    messages, delivered = redis.Redis.from_url(cluster.layer), party.board.deliveries
    before, used = _published(messages), [machine.usage(relay.pid).cpu for relay in relays]
    await evenly(party.acts, RATE, seconds)
    await drain(party.board)
    cpu = [machine.usage(relay.pid).cpu - earlier for relay, earlier in zip(relays, used, strict=True)]
    delivered = party.board.deliveries - delivered
    figures = Figures("live", "scaling")
    note_missing(figures, party.board)
    if await read_text(party.room) != expected(party.typists):
        figures.wrong += " a newcomer sees another text"
    found = {
        "relays": len(relays),
        "clients": clients,
        "kB a connection": round(grown / clients / 1000, 1),
        "deliveries": delivered,
        "us CPU/delivery of each relay": [round(1e6 * each * len(relays) / delivered, 2) for each in cpu],
        "messages through Redis/s": round((_published(messages) - before) / seconds, 1),
        "edits/s": WRITERS * RATE,
        "p50 ms": round(1000 * percentile(party.board.latencies, 0.5), 1),
        "p99 ms": round(1000 * percentile(party.board.latencies, 0.99), 1),
        "wrong": figures.wrong,
    }
    await party.close()
    return found


def _party(cluster: Cluster, path: str, relays: list[RelayProcess], clients: int) -> Party:
    status, session = cluster.server.session(path, "text", "file")
    assert status in (200, 201), session
    typists = some_typists(path, WRITERS)
    board = Board([typist.client for typist in typists], clients, 1)
    name = f"text:file:{session['fileId']}"
    headers = {"Sec-WebSocket-Protocol": f"jupyter-live, {session['relay']['ticket']}"}
    query = f"api/collaboration/room/{name}?sessionId={session['sessionId']}&live=1"
    rooms = [Room(f"{relay.url}/{query}", YWebsocket(name), headers) for relay in relays]
    ids = [*board.writings, *[None] * (clients - WRITERS)]
    people = [Client(rooms[number % len(rooms)], board, me) for number, me in enumerate(ids)]
    return Party(rooms[0], board, typists, people)


def _published(server: Any) -> int:
    """Messages that Redis has been given so far."""
    calls: int = server.info("commandstats").get("cmdstat_publish", {}).get("calls", 0)
    return calls


async def measure(clients: int, seconds: float) -> list[dict[str, Any]]:
    machine.allow_connections()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Redis(home / "redis") as layer, Postgres(home / "postgres") as database:
            with Cluster(home / "cluster", layer, database, relays=2) as cluster:
                windows = (1, clients // 2), (1, clients), (2, clients)
                return [await window(cluster, cluster.relays[:count], people, seconds) for count, people in windows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    for found in asyncio.run(measure(options.clients, options.seconds)):
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
