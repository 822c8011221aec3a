"""Jupyter servers: with Jupyter Live, and with jupyter-collaboration. Both have the same endpoints."""

from __future__ import annotations

import json
import sys
from typing import ClassVar
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from benchmarks import peers
from benchmarks.dialects import YWebsocket
from benchmarks.servers.base import Room, Server

TOKEN = "secret"


class JupyterServer(Server):
    """Everything as it comes; all of Jupyter's folders are below `home`, files in `home/work`."""

    python: ClassVar[str]
    query: ClassVar[str] = ""

    def command(self) -> list[str]:
        (self.home / "work").mkdir(exist_ok=True)
        return [
            # Not `-m jupyter server`: that starts the first `jupyter-server` on PATH, perhaps another environment's.
            *(self.python, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.root_dir={self.home / 'work'}",
            # Where it is installed it replaces Jupyter's contents manager: 15 times the cost of an idle document.
            "--ServerApp.jpserver_extensions=jupyterlab_jupytext=False",
            f"--IdentityProvider.token={TOKEN}",
        ]

    def environment(self) -> dict[str, str]:
        folders = {f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        # Extensions of the user's own, and of the environment this was started from, are not part of the measurement.
        return {**folders, "JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PATH": "", "JUPYTER_CONFIG_PATH": ""}

    def is_ready(self) -> bool:
        """Once it opens documents: Jupyter serves before it has loaded its extensions, and that is not measured."""
        try:
            return bool(self.room("first"))
        except (URLError, ConnectionError, TimeoutError):
            return False

    def room(self, name: str) -> Room:
        return self.open(f"{name}.txt", "", "text", "file")

    def open(self, path: str, content: str, doc_format: str, doc_type: str) -> Room:
        """Write a file and open it."""
        (self.home / "work" / path).write_text(content)
        body = {"format": doc_format, "type": doc_type}
        session = json.loads(self._request("PUT", f"api/collaboration/session/{quote(path, safe='')}", body))
        room = f"{doc_format}:{doc_type}:{session['fileId']}"
        query = f"sessionId={session['sessionId']}&token={TOKEN}{self.query}"
        return Room(f"ws://127.0.0.1:{self.port}/api/collaboration/room/{room}?{query}", YWebsocket(room))

    def _request(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            f"http://127.0.0.1:{self.port}/{path}", data, {"Authorization": f"token {TOKEN}"}, method=method
        )
        with urlopen(request, timeout=60) as response:
            answer: bytes = response.read()
            return answer


class Live(JupyterServer):
    """Ours: log and file saving on, and notices, acknowledgements among them, as its own client gets them."""

    name = "live"
    python = sys.executable
    query = "&live=1"


class JupyterCollaboration(JupyterServer):
    name = "jupyter-collaboration"
    python = str(peers.python("jupyter-collaboration"))
