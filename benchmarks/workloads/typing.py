"""Many people in one document, some of whom type."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

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
    clients: list[Client]

    @property
    def typists(self) -> list[tuple[Client, int]]:
        """Who can type: a client, and the id that it types under."""
        return list(zip(self.clients, self.board.writings, strict=False))

    async def drain(self) -> None:
        """Wait until everybody has everything, or for `DRAIN` seconds."""
        deadline = asyncio.get_running_loop().time() + DRAIN
        while self.board.missing and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.005)

    async def check(self, figures: Figures) -> None:
        """Say in `figures` what is wrong: something has not come, or a newcomer sees another text than was typed."""
        board = self.board
        if board.missing or board.gaps:
            figures.wrong = f"{board.missing} deliveries are missing, {board.gaps} came out of order"
        text, typed = await read_text(self.room), expected([each.typist for each in board.writings.values()])
        if text != typed:
            figures.wrong += (
                f" a newcomer sees {len(text)} characters, other ones than the {len(typed)} that were typed"
            )

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients))


async def gather(server: Server, name: str, clients: int, writers: int) -> Party:
    """Open an empty document with so many clients."""
    chance = random.Random(name)
    typists = [Typist(chance.randrange(1 << 27, 1 << 32)) for _ in range(writers)]
    board = Board(typists, clients)
    room = await asyncio.to_thread(server.room, name)
    ids = [typist.client for typist in typists] + [None] * (clients - writers)
    everybody = [Client(room, board, board.new_reader(client)) for client in ids]
    for start in range(0, clients, OPENING):
        await asyncio.gather(*(client.open() for client in everybody[start : start + OPENING]))
    return Party(room, board, everybody)
