"""What Jupyter's own reading and writing in anyio's threads would cost us, and how we come to no harm by it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


def begin_root_task() -> asyncio.Task[object]:
    """A task for anyio to end its worker threads with; cancel it when the server stops.

    Under `run_forever` anyio finds none, and looks through all tasks again for each file that is looked at: half of the
    CPU of 200 rooms (600 sockets with some tasks each). Where anyio changes what we set here, it looks again.
    """
    task: asyncio.Task[object] = asyncio.create_task(asyncio.Event().wait(), name="jupyter-live-root")
    with suppress(ImportError):
        from anyio._backends._asyncio import _root_task

        _root_task.set(task)
    return task


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
