"""A thousand connections on which nothing happens; and documents that are opened and left again and again."""

from __future__ import annotations

import asyncio

from benchmarks.client import Client
from benchmarks.servers.base import Room, Server
from benchmarks.window import Figures, measured
from benchmarks.workloads.typing import open_all

ROOMS, EACH = 100, 10
QUIET = 2.0  # seconds until what opening began is over: files are saved after one
DOCUMENTS, AT_ONCE = 50, 10  # of `churn`


async def idle(server: Server, seconds: float) -> Figures:
    figures = Figures(server.name, "idle")
    everybody: list[Client] = []
    before = server.usage().rss
    for number in range(ROOMS):
        room = await asyncio.to_thread(server.room, f"idle-{number}")
        everybody += (members := [Client(room) for _ in range(EACH)])
        await open_all(members)
    await asyncio.sleep(QUIET)
    with measured(server) as window:
        await asyncio.sleep(seconds)
    figures.values = {
        "us CPU/connection/s": 1e6 * window.cpu / window.seconds / len(everybody),
        "KB/connection": (server.usage().rss - before) / 1e3 / len(everybody),
    }
    window.note(figures)
    if any(client.closed.is_set() for client in everybody):
        figures.wrong = f"{sum(client.closed.is_set() for client in everybody)} connections were closed"
    await asyncio.gather(*(client.close() for client in everybody))
    return figures


async def churn(server: Server, seconds: float) -> Figures:
    """The first rounds make what a server makes once; what it grows by afterwards it does not give back."""
    figures = Figures(server.name, "churn")
    rooms = [await asyncio.to_thread(server.room, f"churn-{number}") for number in range(DOCUMENTS)]

    async def visit(room: Room) -> None:
        await (await Client(room).open()).close()

    async def all_once() -> None:
        for start in range(0, DOCUMENTS, AT_ONCE):
            await asyncio.gather(*(visit(room) for room in rooms[start : start + AT_ONCE]))

    for _ in range(4):
        await all_once()
    visits, loop = 0, asyncio.get_running_loop()
    with measured(server) as window:
        end = loop.time() + seconds
        while loop.time() < end:
            await all_once()
            visits += DOCUMENTS
    figures.values = {
        "ms CPU/visit": 1000 * window.cpu / visits,
        "visits": visits,
        "KB grown/visit": 1000 * window.grown / visits,
    }
    window.note(figures)
    return figures
