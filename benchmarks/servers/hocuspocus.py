"""Hocuspocus with its defaults. Nothing is stored: that takes an extension."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.dialects import Hocuspocus as Dialect
from benchmarks.servers.base import Room, Server

PROGRAM = """
import { Server } from "@hocuspocus/server";
new Server({ port: Number(process.env.PORT), address: "127.0.0.1", quiet: true }).listen();
"""


class Hocuspocus(Server):
    name = "hocuspocus"

    def command(self) -> list[str]:
        program = peers.folder("hocuspocus") / "serve.mjs"  # beside node_modules, where Node looks
        program.write_text(PROGRAM)
        return [str(peers.node()), str(program)]

    def environment(self) -> dict[str, str]:
        return {"PORT": str(self.port)}

    def room(self, name: str) -> Room:
        return Room(f"ws://127.0.0.1:{self.port}/", Dialect(name))
