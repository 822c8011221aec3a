"""From the updates of a log to a document in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from jupyter_live import work
from jupyter_live.engine import Engine
from jupyter_live.engine.slices import slices
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentName, Origin
from jupyter_live.log import History
from jupyter_live.whole import Base, Whole, pack

log = logging.getLogger(__name__)

TURN = 0.005  # seconds for which updates are applied before others have their turn


async def replay(engine: Engine, name: DocumentName, history: History) -> Whole | None:
    """The document as the log has it; None when that cannot be read."""
    updates = [history.base, *(row.data for row in history.rows)]
    size = sum(map(len, updates))
    try:
        if size - len(history.base) > max(work.LARGE, len(history.base)):  # rather the document than how it came to be
            updates = [(await work.run(size, pack, engine, updates)).update]
        return await take(engine, name, updates, Origin.LOG)
    except LiveError as error:
        log.error("a logged change cannot be read: %s", error)
        return None


async def take(engine: Engine, name: DocumentName, updates: Sequence[bytes], origin: Origin) -> Whole:
    """A document of these updates. Nobody has it yet, so that others can go on in between. Raises LiveError."""
    replica = engine.replica(name.type)
    whole, loop = Whole(replica, engine), asyncio.get_running_loop()
    until = loop.time() + TURN
    for number, update in enumerate(updates):
        if number == 0 and len(update) >= work.LARGE:
            base = Base(update, await work.run(len(update), slices, update))
            await whole.begin(base, lambda each: replica.apply(each, origin))
        else:
            replica.apply(update, origin)
        if loop.time() > until:
            await asyncio.sleep(0)
            until = loop.time() + TURN
    return whole
