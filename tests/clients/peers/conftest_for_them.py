"""Takes the place of the conftest.py of jupyter-server-ydoc's tests: the same fixtures, with Jupyter Live enabled."""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = [
    "jupyter_server.pytest_plugin",
    "jupyter_server_fileid.pytest_plugin",
    "jupyter_server_ydoc.pytest_plugin",
]


@pytest.fixture
def jp_server_config(jp_server_config: Any) -> Any:
    extensions = {"jupyter_live": True, "jupyter_server_ydoc": False, "jupyter_server_fileid": True}
    jp_server_config["ServerApp"]["jpserver_extensions"] = extensions
    return jp_server_config


@pytest.fixture
def jp_serverapp(jp_serverapp: Any, jp_asyncio_loop: Any) -> Any:
    """A real server starts its extensions before it answers; this fixture leaves that out."""
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    return jp_serverapp
