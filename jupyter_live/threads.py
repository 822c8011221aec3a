"""Letting the process end though a request was being served when the event loop stopped."""

from __future__ import annotations

import threading


def end_idle_workers() -> None:
    """From now on, anyio's worker threads do not keep the process from ending.

    anyio, in which Jupyter reads files, ends a thread with the task that began it. The task of a request that was under
    way when the loop stopped never ends, and the interpreter would wait for its thread for ever.
    """
    threading._register_atexit(_end)  # type: ignore[attr-defined]


def _end() -> None:
    for thread in threading.enumerate():
        if thread.name == "AnyIO worker thread" and hasattr(thread, "stop"):
            thread.stop()
