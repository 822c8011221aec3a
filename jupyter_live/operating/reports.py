"""What operators ask of a process: metrics for Prometheus, and the status that `jupyter live status` shows."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from jupyter_live import __version__
from jupyter_live.errors import LiveError
from jupyter_live.operating.looplag import LoopLag
from jupyter_live.operating.survey import Log, survey
from jupyter_live.rooms import Rooms


class Operating:
    """Answers for one process, from its rooms and its log. Begins in the running loop, until `close`."""

    def __init__(self, rooms: Rooms, update_log: Log) -> None:
        self._rooms = rooms
        self._log = update_log
        self._lag = LoopLag()
        self.is_draining = False
        """Whether the process sends everybody away, to end."""

    def metrics(self) -> bytes:
        """Text in Prometheus's format. Raises LiveError `unknown_endpoint` without the library for it."""
        try:
            from jupyter_live.operating.metrics import Moment, exposition
        except ModuleNotFoundError as error:
            raise LiveError("unknown_endpoint", f"{error}: pip install 'jupyter-live[metrics]'") from error
        moment = Moment(survey(self._rooms, self._log), self.is_draining, self._lag.last, self._lag.max)
        self._lag.forget()
        return exposition(moment)

    def status(self) -> dict[str, Any]:
        """A JSON object; its fields are described in docs/operations.md."""
        now = survey(self._rooms, self._log)
        return {
            "version": __version__,
            "pid": os.getpid(),
            "state": "draining" if self.is_draining else "up",
            "troubles": now.troubles,
            "rooms": len(now.documents),
            "people": sum(now.roles.values()),
            "loop": {"lag": self._lag.last, "max": self._lag.max},
            "log": {"rows": now.backlog.rows, "lag": now.backlog.seconds, "code": now.log_code},
            "link": {"up": now.is_linked, "reconnects": now.tally.reconnects},
            "documents": [asdict(document) for document in now.documents],
        }

    def close(self) -> None:
        self._lag.close()
