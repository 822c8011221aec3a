"""Who may pass: Jupyter's authentication, the origin, and Jupyter's authorizer, before anything else happens."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from jupyter_live.errors import ERRORS, LiveError

RESOURCE = "contents"


class Gate(JupyterHandler):
    """A Jupyter handler that lets nobody in who is not signed in, of this origin, and allowed to read contents.

    Jupyter's `allow_unauthenticated_access` is True by default, which leaves the check to each handler: this one makes
    it whatever that setting says. Refusals are answered with a code from `errors.py`.
    """

    permissions: frozenset[str] = frozenset()
    """What the authorizer lets this user do with contents: "read", "write"."""

    async def prepare(self) -> None:  # type: ignore[override]
        try:
            await super().prepare(_redirect_to_login=False)
        except HTTPError:
            if getattr(self, "_jupyter_current_user", None) is not None:
                raise  # a request of someone who is signed in, but without XSRF token
        if self.current_user is None:
            raise Refused("unauthenticated")
        if not self._is_origin_allowed():
            raise Refused("foreign_origin")
        allowed = [action for action in ("read", "write") if await self._may(action)]
        if "read" not in allowed:
            raise Refused("forbidden")
        self.permissions = frozenset(allowed)

    def let_ask(self) -> None:
        """Let a page ask whether its origin may send requests. Raises Refused."""
        if not self._is_origin_allowed():
            raise Refused("foreign_origin")
        self.set_cors_headers()

    def check_origin(self, origin: str | None = None) -> bool:
        """Tornado asks again at the upgrade: `prepare` has decided."""
        return True

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        code = error.code if isinstance(error, Refused) else self._code_of(status_code, error)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(LiveError(code).body()))

    def _code_of(self, status_code: int, error: BaseException | None) -> str:
        if status_code == 403:
            text = str(getattr(error, "log_message", ""))
            return "xsrf" if "_xsrf" in text or "XSRF" in text else "unauthenticated"
        return "bad_request" if status_code < 500 else "server_error"

    async def _may(self, action: str) -> bool:
        return bool(await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, RESOURCE)))

    def _is_origin_allowed(self) -> bool:
        """Whether the page that asks is of this server, or of an origin that the configuration names.

        Stricter than Jupyter's own check, which lets any page pass that knows a token.
        """
        origin = self.request.headers.get("Origin", "").lower()
        if not origin or self.allow_origin == "*":
            return True
        if urlsplit(origin).netloc == self.request.host.lower():
            return True
        if self.allow_origin:
            return bool(self.allow_origin.lower() == origin)
        return bool(self.allow_origin_pat and re.match(self.allow_origin_pat, origin))


class Refused(HTTPError):
    """The gate's answer; its code comes from `errors.py`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(ERRORS[code].status, f"{code}: {ERRORS[code].message}")
