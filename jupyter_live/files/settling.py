"""Waiting until nobody writes a file any more: most programs write in place, in several steps."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

LOOK = 0.15  # seconds between two looks at a file's time and size
LOOKS = 5  # without a change, after which it is taken for written: 0.75 s, so that it is merged within 2 s
READ_AFTER = 3.0  # seconds, after which a file that is written without a pause is read all the same
WRITE_AFTER = 10.0  # and written, if there is something to save: some files, such as logs, are never left alone


class Watched(Protocol):
    """A file as it was left or found last."""

    async def looks_untouched(self) -> bool:
        """Whether time and size are as we left them."""

    async def head(self) -> Any:
        """Time and size now."""


async def settle(file: Watched, until: float) -> Any:
    """Wait while somebody writes the file, at the longest until that time of the event loop's clock.

    One that is as it was left is not waited for. Returns its time and size then: who reads it and finds others has read
    what somebody began to write meanwhile. Raises LiveError when it is gone or cannot be looked at.
    """
    now = asyncio.get_running_loop().time
    head = await file.head()
    quiet = LOOKS if await file.looks_untouched() else 0
    while quiet < LOOKS and now() < until:  # not by the clock: on a busy machine we may look late, and they write late
        await asyncio.sleep(LOOK)
        before, head = head, await file.head()
        quiet = quiet + 1 if head == before else 0
    return head
