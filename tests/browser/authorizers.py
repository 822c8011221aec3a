"""An authorizer for tests: who comes with the browser "Viewer" may read and nothing else."""

from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import User


class ByBrowser(Authorizer):
    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        return action == "read" or "Viewer" not in handler.request.headers.get("User-Agent", "")
