"""The servers that are measured, by name."""

from __future__ import annotations

from benchmarks.servers.base import Server
from benchmarks.servers.hocuspocus import Hocuspocus
from benchmarks.servers.jupyter import JupyterCollaboration, Live
from benchmarks.servers.pycrdt_websocket import PycrdtWebsocket
from benchmarks.servers.y_websocket import YWebsocketServer

SERVERS: dict[str, type[Server]] = {
    kind.name: kind for kind in (Live, Hocuspocus, YWebsocketServer, PycrdtWebsocket, JupyterCollaboration)
}
