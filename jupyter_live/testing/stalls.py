"""A Jupyter server extension that measures how long the event loop of its server stands still, and what ran then.

    c.ServerApp.jpserver_extensions = {"jupyter_live.testing.stalls": True}

`GET api/stalls` answers with what was measured since the last time it was asked, `since` on the server's clock.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler

TICK = 0.01  # seconds between two looks
WORTH_TELLING = 0.02  # seconds
MOST, DEPTH = 50, 7  # pauses that are kept, frames that are told
IDLE = {("selectors.py", "select"), ("thread.py", "_worker"), ("threading.py", "wait"), ("threading.py", "run")}


class Ticker:
    """Asks the event loop for its attention all the time, and notes when it comes late.

    A pause is counted without the time for which a thread of this process was ready to run and had no processor: that
    is the machine's, which others use too. `held` tells where the threads were while the loop was late, or right after
    a call that held the interpreter's lock.
    """

    def __init__(self) -> None:
        self.pauses: list[dict[str, Any]] = []
        self.ticks = 0
        self._last = time.monotonic()
        self._seen: list[str] = []
        threading.Thread(target=self._watch, daemon=True, name="jupyter-live-stalls").start()

    async def run(self) -> None:
        waits = Waits()
        while True:
            before = self._last = time.monotonic()
            await asyncio.sleep(TICK)
            self.ticks += 1
            late, waited = time.monotonic() - before - TICK, waits.more()
            if late > WORTH_TELLING:
                net = max(0.0, late - waited)
                pause = {"seconds": net, "late": late, "held": [*dict.fromkeys(self._seen)], "until": time.time()}
                self.pauses = sorted([*self.pauses, pause], key=lambda each: -float(each["seconds"]))[:MOST]
            self._seen = []

    def taken(self) -> dict[str, Any]:
        """What was measured since the last call."""
        taken = {"ticks": self.ticks, "pauses": self.pauses}
        self.ticks, self.pauses = 0, []
        return taken

    def _watch(self) -> None:
        own = threading.get_ident()
        while True:
            time.sleep(TICK)
            if time.monotonic() - self._last > TICK + WORTH_TELLING:
                frames = sys._current_frames().items()
                self._seen += [told for thread, frame in frames if thread != own and (told := _told(frame))]


class StallsHandler(RequestHandler):
    """No authentication: for tests only."""

    def initialize(self, ticker: Ticker) -> None:
        self.ticker = ticker

    def get(self) -> None:
        self.finish(self.ticker.taken())


class Waits:
    """Time for which the threads of this process were ready to run and had no processor; none where nothing tells."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}  # kept open: opening 40 of them costs a ms
        self._known: dict[str, int] = {}

    def more(self) -> float:
        """Seconds of all threads together since the last call."""
        with suppress(OSError):
            for thread in os.listdir("/proc/self/task"):
                if thread not in self._files:
                    self._files[thread] = os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY)
        more = 0
        for thread, file in [*self._files.items()]:
            try:
                waited = int(os.pread(file, 100, 0).split()[1])
            except (OSError, IndexError):  # it has ended
                os.close(self._files.pop(thread))
                self._known.pop(thread, None)
            else:
                more += waited - self._known.get(thread, 0)
                self._known[thread] = waited
        return more / 1e9


def _told(frame: FrameType | None) -> str:
    """The innermost frames of a thread, nothing if it just waits."""
    told: list[str] = []
    while frame is not None and len(told) < DEPTH:
        code = frame.f_code
        if not told and (Path(code.co_filename).name, code.co_name) in IDLE:
            return ""
        told.append(f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return " < ".join(told)


def _load_jupyter_server_extension(app: Any) -> None:
    ticker = Ticker()
    app.jupyter_live_ticker = asyncio.ensure_future(ticker.run())
    url = url_path_join(app.web_app.settings["base_url"], "api/stalls")
    app.web_app.add_handlers(".*$", [(url, StallsHandler, {"ticker": ticker})])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_live.testing.stalls"}]
