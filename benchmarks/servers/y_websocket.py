"""@y/websocket-server with its defaults: nothing is stored."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.dialects import YWebsocket
from benchmarks.servers.base import Room, Server


class YWebsocketServer(Server):
    name = "y-websocket-server"

    def command(self) -> list[str]:
        program = peers.folder(self.name) / "node_modules" / "@y" / "websocket-server" / "src" / "server.js"
        return [str(peers.node()), str(program)]

    def environment(self) -> dict[str, str]:
        return {"HOST": "127.0.0.1", "PORT": str(self.port)}

    def room(self, name: str) -> Room:
        return Room(f"ws://127.0.0.1:{self.port}/{name}", YWebsocket(name))
