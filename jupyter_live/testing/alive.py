"""A Jupyter server extension that counts what is in the memory of its server.

    c.ServerApp.jpserver_extensions = {"jupyter_live.testing.alive": True}

`GET api/alive` answers with the number of objects of each type that lives on after a garbage collection.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler

TIMERS = 10_000  # more than half of all


class AliveHandler(RequestHandler):
    """No authentication: for tests only."""

    async def get(self) -> None:
        await _forget_timers()
        gc.collect()
        kinds = (type(each) for each in gc.get_objects())
        self.finish(dict(Counter(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)))


async def _forget_timers() -> None:
    """Have asyncio let go of cancelled timers: it keeps some 100 until their time has come, with all their contexts."""
    for _ in range(TIMERS):
        asyncio.get_running_loop().call_later(3600, print).cancel()
    await asyncio.sleep(0)


def _load_jupyter_server_extension(app: Any) -> None:
    url = url_path_join(app.web_app.settings["base_url"], "api/alive")
    app.web_app.add_handlers(".*$", [(url, AliveHandler)])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_live.testing.alive"}]
