"""Many people in one document, some of whom type."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.board import Board
from benchmarks.client import Client, read_text
from benchmarks.servers.base import Room, Server
from benchmarks.updates import Typist, expected
from benchmarks.window import Figures

DRAIN = 30.0  # seconds after which what has not come is lost
OPENING = 20  # connections that are opened at once


@dataclass
class Party:
    """Clients of one document; the first ones are the typists'."""

    room: Room
    board: Board
    typists: list[Typist]
    clients: list[Client]

    @property
    def writers(self) -> list[tuple[Client, Typist]]:
        return list(zip(self.clients, self.typists, strict=False))

    @property
    def acts(self) -> list[Callable[[], None]]:
        """What to do to let each typist type once."""
        return [partial(client.type, typist) for client, typist in self.writers]

    async def check(self, figures: Figures) -> None:
        """Say in `figures` what is wrong: something has not come, or a newcomer sees another text than was typed."""
        note_missing(figures, self.board)
        text, typed = await read_text(self.room), expected(self.typists)
        if text != typed:
            figures.wrong += f" a newcomer sees another text: {len(text)} characters, {len(typed)} were typed"

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients))


async def gather(server: Server, name: str, clients: int, writers: int, piece: int = 1) -> Party:
    """Open an empty document with so many clients; `piece`: characters of one edit."""
    room = await asyncio.to_thread(server.room, name)
    typists = some_typists(name, writers, piece)
    board = Board([typist.client for typist in typists], clients, piece)
    ids = [*board.writings, *[None] * (clients - writers)]
    party = Party(room, board, typists, [Client(room, board, me) for me in ids])
    await open_all(party.clients)
    return party


def some_typists(name: str, count: int, piece: int = 1) -> list[Typist]:
    """Typists with client ids like those that Yjs chooses, the same for the same name."""
    chance = random.Random(name)
    return [Typist(chance.randrange(1 << 27, 1 << 32), piece) for _ in range(count)]


async def open_all(clients: list[Client]) -> None:
    """Connect all, the first one alone: pycrdt-websocket forgets who comes while a room begins."""
    await clients[0].open()
    for start in range(1, len(clients), OPENING):
        await asyncio.gather(*(client.open() for client in clients[start : start + OPENING]))


async def drain(*boards: Board) -> None:
    """Wait until everybody has everything, or for `DRAIN` seconds."""
    deadline = asyncio.get_running_loop().time() + DRAIN
    # Polled: an event would have to be kept up to date with each delivery.
    while any(board.missing for board in boards) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def note_missing(figures: Figures, *boards: Board) -> None:
    """Say in `figures` if something has not come, or not in its order."""
    missing, gaps = sum(board.missing for board in boards), sum(board.gaps for board in boards)
    if missing or gaps:
        figures.wrong += f" {missing} deliveries are missing, {gaps} came out of order"
