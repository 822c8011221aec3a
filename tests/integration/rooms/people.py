"""What the tests' servers are configured with: people by token, viewers, and files that cannot be saved on demand.

Loaded by the server's process, through the config file that `equip` writes.
"""

import errno
from pathlib import Path
from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from tornado.web import HTTPError

PEOPLE = ("ada", "grace", "alan", "viewer")


class ByToken(IdentityProvider):
    """A person's token is their name. Any other token is left to Jupyter, which makes up someone."""

    async def get_user_token(self, handler: Any) -> User | None:
        token = self.get_token(handler)
        if token in PEOPLE:
            return User(username=token, name=token.title(), display_name=f"{token.title()} the First", initials="X1")
        user: User | None = await super().get_user_token(handler)
        return user


class ViewersLook(Authorizer):
    """Who is called viewer may read and no more."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        return action == "read" or user.username != "viewer"


class Moody(AsyncLargeFileManager):
    """Saves `x.txt` unless there is a file `x.txt.mood` beside it, which says how it fails."""

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        self.fail(Path(self.root_dir, path.strip("/") + ".mood"))
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        return saved

    def fail(self, file: Path) -> None:
        if not file.exists():
            return
        mood = file.read_text()
        if mood == "full":
            try:
                raise OSError(errno.ENOSPC, "No space left on device")
            except OSError as error:  # as Jupyter's own managers put it
                raise HTTPError(500, f"Unexpected error while saving file: {error}") from error
        if mood == "read-only":
            raise HTTPError(403, "Permission denied")
        raise RuntimeError("the store is out of reach")


class Plain(LargeFileManager):
    """A manager of the old kind: synchronous, and `get` knows no hashes."""

    def get(self, path: Any, content: Any = True, type: Any = None, format: Any = None) -> Any:  # type: ignore[override]
        return super().get(path, content, type, format)  # type: ignore[no-untyped-call]


def equip(home: Path, manager: type = Moody) -> None:
    """Have the server of `home` know these people, viewers, and the contents manager."""
    config = home / "config" / "jupyter_server_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(
        f"import sys\nsys.path.append({str(Path(__file__).parent.parent)!r})\n"
        "from rooms import people\n"
        "c.ServerApp.identity_provider_class = people.ByToken\n"
        "c.ServerApp.authorizer_class = people.ViewersLook\n"
        f"c.ServerApp.contents_manager_class = people.{manager.__name__}\n"
    )
