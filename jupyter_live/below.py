"""An application that a proxy serves below a path of its own, which the proxy leaves in."""

from __future__ import annotations

from jupyter_live.asgitypes import Application, Message, Receive, Send


class Below:
    """Takes `prefix` ("/a/b/") away from the paths that begin with it. Others are passed on as they are: a proxy sends
    none, and who speaks to this process itself need not know of the prefix."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._root = prefix.rstrip("/")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if self._root and (path == self._root or path.startswith(f"{self._root}/")):
            scope = {**scope, "path": path[len(self._root) :] or "/"}
        await self._application(scope, receive, send)
