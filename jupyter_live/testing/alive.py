"""A Jupyter server extension that counts what is in the memory of its server.

    c.ServerApp.jpserver_extensions = {"jupyter_live.testing.alive": True}

`GET api/alive` answers with the number of objects of each type that lives on after a garbage collection.
"""

from __future__ import annotations

import gc
from collections import Counter
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler


class AliveHandler(RequestHandler):
    """No authentication: for tests only."""

    def get(self) -> None:
        gc.collect()
        kinds = (type(each) for each in gc.get_objects())
        self.finish(dict(Counter(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)))


def _load_jupyter_server_extension(app: Any) -> None:
    url = url_path_join(app.web_app.settings["base_url"], "api/alive")
    app.web_app.add_handlers(".*$", [(url, AliveHandler)])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_live.testing.alive"}]
