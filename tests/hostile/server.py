"""The server that hostile tests share, and how it shows that nothing was disturbed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

AUTHORIZER = """
from jupyter_server.auth import Authorizer


class Readers(Authorizer):
    "Who sends X-Role: reader may not write."

    def is_authorized(self, handler, user, action, resource):
        return action != "write" or handler.request.headers.get("X-Role") != "reader"
"""

MAX_FILE_SIZE = 100_000
MAX_MESSAGE_SIZE = 2_000_000


def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("hostile")
    modules = tmp_path_factory.mktemp("modules")
    (modules / "readers.py").write_text(AUTHORIZER)
    options = [
        "--ServerApp.authorizer_class=readers.Readers",
        f"--LiveApp.max_file_size={MAX_FILE_SIZE}",
        f"--LiveApp.max_message_size={MAX_MESSAGE_SIZE}",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(modules), prepend=":")
        with LiveServer(home, *options) as server:
            yield server
            # Jupyter logs what its own parts meet; where ours break, that is a defect.
            broken = re.search(r'File "[^"]*jupyter_live.*', log := server.log(), re.DOTALL)
            assert not broken, log[broken.start() - 1000 :][:5000]


def code_of(client: LiveClient) -> str:
    """The code with which a client's socket was closed; fails if close code, reason and table do not agree."""
    assert client.closed is not None
    close, reason = client.closed
    code: str = json.loads(reason)["code"]
    assert ERRORS[code].close == close, client.closed
    return code


class Calm:
    """A member who goes on whatever others do."""

    def __init__(self, client: LiveClient) -> None:
        self.client = client
        self.text = str(client.text)

    async def goes_on(self) -> None:
        """Fails unless the document is as it was, and typing still reaches the log and others."""
        assert str(self.client.text) == self.text
        self.client.text.insert(len(self.text.encode()), "!")
        self.text += "!"
        await self.client.until(lambda: self.client.is_logged or self.client.closed)
        assert self.client.closed is None
        other = LiveClient(self.client.server, self.client.path, self.client.format, self.client.type)
        async with other:
            assert str(other.text) == self.text
