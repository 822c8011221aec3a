"""Viewers and editors of a server that several people enter through a hub, for `jupyterhub-singleuser`."""

from __future__ import annotations

import os
from typing import Any

from jupyterhub.singleuser.extension import JupyterHubAuthorizer
from traitlets import Bool

from jupyter_live.hub import WRITE

CODE = frozenset({"kernels", "sessions", "terminals"})
"""What runs code, as Jupyter's authorizer calls it; a new session starts a kernel."""


class HubAuthorizer(JupyterHubAuthorizer):
    """`c.ServerApp.authorizer_class` of a shared server.

    Whom the hub lets enter (`access:servers!…`, `access:services!…`, or a share) may look. Who has the scope
    `custom:jupyter-live:write` for this server, or is its owner, may do everything: edit, and run code.
    """

    runs_code = Bool(
        True,
        config=True,
        help="Whether editors may start kernels and terminals: False for a server that holds what they must not see,"
        " such as the password of a database.",
    )

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        if not self.hub_auth.check_scopes(self.hub_auth.access_scopes, user.hub_user):
            return False
        if action == "read":
            return True
        if resource in CODE and not self.runs_code:
            return False
        return user.username == _owner() or bool(self.hub_auth.check_scopes(_editors(), user.hub_user))


def _owner() -> str | None:
    """The user whose server this is; None for a service's."""
    return os.environ.get("JUPYTERHUB_USER") or None


def _editors() -> set[str]:
    """Each of these scopes makes an editor of this server; one without a filter is all of them."""
    if owner := _owner():
        return {f"{WRITE}!user={owner}", f"{WRITE}!server={owner}/{os.environ.get('JUPYTERHUB_SERVER_NAME', '')}"}
    return {f"{WRITE}!service={os.environ['JUPYTERHUB_SERVICE_NAME']}"}
