"""The URL table of the ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from jupyter_live.asgitypes import Message
from jupyter_live.config import Config
from jupyter_live.consumers.awareness import AwarenessConsumer
from jupyter_live.consumers.changed import ChangedConsumer
from jupyter_live.consumers.document import DocumentConsumer
from jupyter_live.consumers.fork import ForkConsumer
from jupyter_live.consumers.history import HistoryConsumer
from jupyter_live.consumers.operator import MetricsConsumer, StatusConsumer
from jupyter_live.consumers.session import FindRelay, SessionConsumer
from jupyter_live.consumers.timeline import MomentConsumer, MomentsConsumer, TimelineConsumer
from jupyter_live.errors import LiveError
from jupyter_live.forks import Forks
from jupyter_live.ids import GLOBAL_AWARENESS
from jupyter_live.operating.reports import Operating
from jupyter_live.rooms import Rooms

PREFIX = "api/collaboration"


def application(
    rooms: Rooms,
    config: Config,
    find_id: Callable[[str], tuple[str, bool]],
    operating: Operating,
    forks: Forks,
    relay: FindRelay = lambda ticket: None,
    archive: Callable[[], bytes] | None = None,
) -> Any:
    """The ASGI application. It expects `user` and `permissions` in the scope, checked by whoever serves it.

    `archive` makes a zip of what was changed, where that is offered.
    """
    session = SessionConsumer.as_asgi(rooms=rooms, find_id=find_id, relay=relay)
    history = HistoryConsumer.as_asgi(rooms=rooms, body_limit=config.max_message_size)
    moment = MomentConsumer.as_asgi(rooms=rooms)
    socket = {"rooms": rooms, "outbox_limit": config.outbox_limit}
    changed = ChangedConsumer.as_asgi(rooms=rooms, archive=archive) if archive else unknown
    return ProtocolTypeRouter(
        {
            "http": URLRouter(
                [
                    re_path(rf"^{PREFIX}/session/(?P<path>(?s:.+))\Z", session),
                    re_path(rf"^{PREFIX}/history/(?P<room>.+)$", history),
                    re_path(rf"^{PREFIX}/fork/(?P<room>.+)$", ForkConsumer.as_asgi(forks=forks)),
                    re_path(rf"^{PREFIX}/changed$", changed),
                    re_path(rf"^{PREFIX}/timeline/(?P<path>(?s:.+))\Z", TimelineConsumer.as_asgi(rooms=rooms)),
                    re_path(rf"^{PREFIX}/moments/(?P<room>[^/]+)$", MomentsConsumer.as_asgi(rooms=rooms)),
                    re_path(rf"^{PREFIX}/moments/(?P<room>[^/]+)/(?P<number>\d{{1,18}})$", moment),
                    re_path(rf"^{PREFIX}/metrics$", MetricsConsumer.as_asgi(operating=operating)),
                    re_path(rf"^{PREFIX}/status$", StatusConsumer.as_asgi(operating=operating)),
                    re_path("", unknown),
                ]
            ),
            "websocket": URLRouter(
                [
                    re_path(rf"^{PREFIX}/room/{GLOBAL_AWARENESS}$", AwarenessConsumer.as_asgi(**socket)),
                    re_path(rf"^{PREFIX}/room/(?P<room>.+)$", DocumentConsumer.as_asgi(**socket)),
                    re_path("", unknown),
                ]
            ),
        }
    )


def relay_application(rooms: Rooms, config: Config) -> Any:
    """The ASGI application of a process without files: sockets on documents that are open where their file is."""
    consumer = DocumentConsumer.as_asgi(rooms=rooms, outbox_limit=config.outbox_limit)
    return ProtocolTypeRouter(
        {"websocket": URLRouter([re_path(rf"^{PREFIX}/room/(?P<room>.+)$", consumer), re_path("", unknown)])}
    )


async def unknown(scope: Message, receive: Any, send: Any) -> None:
    """What is asked for at a path that nothing serves."""
    raise LiveError("unknown_endpoint", scope["path"])
