"""What has been handed in to one room: one copy after the other, and each brought in once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from jupyter_live.held import HandedIn, Held
from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.log import UpdateLog

log = logging.getLogger(__name__)

REMEMBERED = 1000  # answers of one room

Fold = Callable[[Sequence[bytes]], Awaitable[bytes]]
Bring = Callable[[Sequence[bytes]], Awaitable[HandedIn]]


class HandIns:
    """Remembers what was handed in. A client does so again when the log failed or the answer was lost.

    By then others may have edited what it brought, so that merging would not know all of it again.
    """

    def __init__(self, document: DocumentId, epoch: Epoch, update_log: UpdateLog, fold: Fold) -> None:
        self.turn = asyncio.Lock()
        """Held while a copy is brought in: the next one is told from what this one brought."""
        self._document = document
        self._epoch = epoch
        self._log = update_log
        self._fold = fold
        self._answers: dict[bytes, HandedIn] = {}
        self._brought: dict[Epoch, bytes] = {}

    async def once(self, held: Held, bring: Bring) -> HandedIn:
        """Have a copy brought in, unless it has been. `bring` is given all that is known of a former history."""
        digest = await asyncio.to_thread(held.digest)
        if (answer := self._answers.get(digest)) is None:
            former = [] if held.epoch == self._epoch else await self._former(held.epoch)
            answer = self._answers[digest] = await bring(former)
            if len(self._answers) > REMEMBERED:
                del self._answers[next(iter(self._answers))]
            # What only a log had that is lost counted as safe, where it is not known what was in the file.
            is_here = answer.copy is None and (held.base or not held.logged)
            if held.epoch != self._epoch and is_here:
                # One update, however many come while the log fails: each is as large as a document.
                updates = [*self._known_here(held.epoch), *held.updates]
                self._brought[held.epoch] = await self._fold(updates)
        return answer

    async def remember(self) -> None:
        """Note durably what was brought: what is handed in later of these histories is told from it by the engine."""
        for epoch, update in [*self._brought.items()]:
            try:
                await self._log.remember(self._document, epoch, [update])
                del self._brought[epoch]
            except Exception:
                log.exception("log_failed: %s: what was handed in is not remembered", self._document)

    async def _former(self, epoch: Epoch) -> list[bytes]:
        known = await self._log.former(self._document, epoch)
        return [*([known] if known else []), *self._known_here(epoch)]

    def _known_here(self, epoch: Epoch) -> list[bytes]:
        return [self._brought[epoch]] if epoch in self._brought else []
