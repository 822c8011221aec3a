"""A server extension that runs in the server what a test sends it, as any other extension's code would run there."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

kept: dict[str, Any] = {}
"""What the code keeps from one request to the next."""


class ProgramHandler(APIHandler):
    @web.authenticated
    async def post(self) -> None:
        """Run `async def main(collaboration, kept)` of the body; the answer is what it returns."""
        body, server = self.get_json_body(), self.serverapp
        assert body and server
        kept.update(body["values"])
        namespace: dict[str, Any] = {}
        exec(body["code"], namespace)
        collaboration = server.extension_manager.extension_points["jupyter_server_ydoc"].app
        self.finish({"result": await namespace["main"](collaboration, kept)})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "live_program"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    serverapp.web_app.add_handlers(".*$", [(rf"{serverapp.base_url}program", ProgramHandler)])
