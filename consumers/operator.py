"""``GET metrics`` and ``GET status``: what a Jupyter server tells its operators."""

from __future__ import annotations

import json

from jupyter_live.access import can, role_of
from jupyter_live.consumers.http import HttpConsumer
from jupyter_live.errors import LiveError
from jupyter_live.operating.panel import METRICS_TYPE
from jupyter_live.operating.reports import Operating


class OperatorConsumer(HttpConsumer):
    """Only for who may write contents: the status names documents of everybody."""

    method = "GET"

    def __init__(self, operating: Operating) -> None:
        super().__init__()
        self.operating = operating

    async def content(self) -> tuple[int, bytes]:
        if not can(role_of(self.scope["permissions"]), "write"):
            raise LiveError("forbidden")
        return 200, self.tell()

    def tell(self) -> bytes:
        """The body. Raises LiveError."""
        raise NotImplementedError


class StatusConsumer(OperatorConsumer):
    """For `jupyter live status`."""

    def tell(self) -> bytes:
        return json.dumps(self.operating.status()).encode()


class MetricsConsumer(OperatorConsumer):
    """For Prometheus."""

    content_type = METRICS_TYPE

    def tell(self) -> bytes:
        return self.operating.metrics()
