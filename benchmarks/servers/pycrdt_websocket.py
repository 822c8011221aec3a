"""pycrdt-websocket under uvicorn with its standard extras (uvloop, httptools), both with their defaults."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.dialects import YWebsocket
from benchmarks.servers.base import Room, Server

# As its documentation has it for ASGI servers.
PROGRAM = """
import asyncio
import os
import uvicorn
import uvloop
from pycrdt.websocket import ASGIServer, WebsocketServer

async def main():
    async with WebsocketServer() as server:
        config = uvicorn.Config(ASGIServer(server), host="127.0.0.1", port=int(os.environ["PORT"]), lifespan="off")
        await uvicorn.Server(config).serve()

uvloop.install()
asyncio.run(main())
"""


class PycrdtWebsocket(Server):
    name = "pycrdt-websocket"

    def command(self) -> list[str]:
        return [str(peers.python(self.name)), "-c", PROGRAM]

    def environment(self) -> dict[str, str]:
        return {"PORT": str(self.port)}

    def room(self, name: str) -> Room:
        return Room(f"ws://127.0.0.1:{self.port}/{name}", YWebsocket(name))
