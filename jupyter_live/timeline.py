"""The timeline of one room's document: which contents are worth going back to, on their way into the log.

A content is kept where it is at hand, as the file has just been saved. Nothing here converts a document.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files.convert import Content
from jupyter_live.files.packing import pack
from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.log.moments import FILE, Author, Moment, Moments, NewMoment
from jupyter_live.writers import Writers

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds of typing that one moment stands for, as long as the same people type."""
WAITING = 4  # contents that may wait for a log that cannot be written; of more the oldest gives way
AGAIN = 5.0  # seconds until it is tried again


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the document was, and who had made that of what it was before; None where only the log can tell.

    With `if_written` it is worth a moment only if the log tells of somebody.
    """

    content: Content
    at: float
    authors: frozenset[str] | None
    restored: float | None = None
    if_written: bool = False


class Timeline:
    """Keeps moments.

    `is_anyone` asks whether somebody is in the document, here or elsewhere, `elsewhere` how people are called in other
    processes, by username; `tell` hears of each moment that is kept.
    """

    def __init__(
        self,
        document: DocumentId,
        epoch: Epoch,
        moments: Moments,
        *,
        is_shared: bool,
        is_anyone: Callable[[], bool],
        elsewhere: Callable[[], dict[str, Author]],
        tell: Callable[[Moment], None],
    ) -> None:
        self._document = document
        self._epoch = epoch
        self._moments = moments
        self._is_shared = is_shared  # then others may write what this process has no names for
        self._is_anyone = is_anyone
        self._elsewhere = elsewhere
        self._tell = tell
        self.writers = Writers()
        self.restoring = asyncio.Lock()  # one at a time: each is told from what the one before has left
        self._people: dict[str, Author] = {}
        self._now: _Seen | None = None
        self._pending: _Seen | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._queued: str | None = None  # fingerprint of what went into the queue last
        self._lately: dict[frozenset[str], float] = {}  # who had a moment of their own, and when
        self._urgent = self._restored_up_to = -1  # places among the changes
        self._restored: float | None = None
        self._queue: deque[_Seen] = deque(maxlen=WAITING)
        self._task: asyncio.Task[None] | None = None
        self._error: LiveError | None = None
        self._tried = asyncio.Event()  # set, and replaced, after every attempt
        self._is_closing = False

    def know(self, username: str, name: str, color: str = "") -> None:
        """How somebody is called who may change the document."""
        self._people[username] = Author(username, name, color or self._people.get(username, Author("", "")).color)

    def opened(self, content: Content, *, is_left: bool) -> None:
        """The document is this as it is opened; `is_left` by a server that had no time to close it.

        What people did then, after the last moment, becomes one now: as long as the log knows who they were.
        """
        self._now = _Seen(content, time.time(), None)
        if is_left:
            self._put(replace(self._now, if_written=True))

    def outside(self) -> None:
        """What another program did to the file has just come into the document."""
        self.writers.wrote(FILE)
        self._urgent = self.writers.count

    def restored(self, at: float) -> None:
        """What the document was at a time has just come into it again."""
        self._urgent = self._restored_up_to = self.writers.count
        self._restored = at

    def saw(self, content: Content, place: int) -> None:
        """The document is this, with all changes up to `place`, as `writers` counts them.

        It is kept when it has been a minute, when others go on with it, or when it is not by typing that it is so.
        """
        authors, before = self.writers.take(place), self._now
        is_urgent = 0 <= self._urgent <= place
        restored = self._restored if 0 <= self._restored_up_to <= place else None
        if is_urgent:
            self._urgent = -1
        if restored is not None:
            self._restored_up_to = -1
        if before and before.content.fingerprint == content.fingerprint:
            return
        self._now = seen = _Seen(content, time.time(), authors, restored)
        if self._pending is None:
            self._queue_once(before)
        elif is_urgent or self._is_for_others(self._pending, authors):
            self.flush()
        self._wait(seen)
        if is_urgent or not self._is_anyone():
            self.flush()

    def here(self) -> None:
        """Something else than typing is about to change the document: keep what it is now."""
        self.flush()
        self._queue_once(self._now)

    def flush(self) -> None:
        """Keep what it is now, if it was changed since the last moment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, None
        if pending is not None:
            now = time.monotonic()
            self._lately = {of: at for of, at in self._lately.items() if now - at < EVERY}
            self._lately[pending.authors or frozenset()] = now
            self._queue_once(pending)

    def forget(self) -> None:
        """The log has lost all moments: what it is now is to be kept when it changes."""
        self._queued = None

    async def kept(self) -> None:
        """Until all that was to be kept is. Raises LiveError when that cannot be now."""
        while self._queue:
            await self._tried.wait()
            if self._error:
                raise self._error

    async def close(self) -> None:
        """Keep what it is now; what cannot be kept now is given up."""
        self.flush()
        self._is_closing = True
        self._tried.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _is_for_others(self, pending: _Seen, authors: frozenset[str]) -> bool:
        """Whether those who made this are to have a moment of their own, as somebody else goes on.

        Where several type in turns one in a minute is enough, and stands for them all.
        """
        known = pending.authors or frozenset()
        return not authors <= known and time.monotonic() - self._lately.get(known, -EVERY) >= EVERY

    def _wait(self, seen: _Seen) -> None:
        if self._pending is not None:
            authors = (self._pending.authors or frozenset()) | (seen.authors or frozenset())
            seen = _Seen(seen.content, seen.at, authors, seen.restored)
        self._pending = seen
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self.flush)

    def _queue_once(self, seen: _Seen | None) -> None:
        if seen is None or seen.content.fingerprint == self._queued:
            return
        self._queued = seen.content.fingerprint
        self._put(seen)

    def _put(self, seen: _Seen) -> None:
        self._queue.append(seen)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"jupyter-live-timeline {self._document}")

    async def _run(self) -> None:
        while self._queue:
            seen = self._queue[0]
            try:
                await self._keep(seen)
                self._error = None
            except LiveError as error:
                log.warning("%s: a moment of its timeline cannot be kept now: %s", self._document, error)
                self._error = error
            except Exception as error:
                log.exception("server_error: %s: a moment of its timeline cannot be kept", self._document)
                self._error = LiveError("server_error", repr(error))
            is_temporary = self._error is not None and self._error.code == "log_failed" and not self._is_closing
            if not is_temporary and self._queue and self._queue[0] is seen:  # else it has given way meanwhile
                self._queue.popleft()
            tried, self._tried = self._tried, asyncio.Event()
            tried.set()
            if is_temporary:
                await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._tried.wait(), AGAIN)  # whoever closes does not wait
        except asyncio.TimeoutError:
            pass

    async def _keep(self, seen: _Seen) -> None:
        earlier = await self._moments.of(self._document)
        latest = earlier[-1] if earlier else None
        names = await self._names(seen, latest)
        if (latest and latest.fingerprint == seen.content.fingerprint) or (seen.if_written and not names):
            return
        found = await self._moments.get(self._document, latest.id) if latest else None
        size = seen.content.size + (latest.size if latest else 0)
        packed = await work.run(size, pack, seen.content, found[1] if found else None)
        kept = await self._moments.add(
            self._document,
            NewMoment(
                seen.at,
                self._called(names, earlier),
                seen.content.fingerprint,
                packed.data,
                packed.size,
                packed.added,
                packed.removed,
                seen.restored,
            ),
        )
        if kept is not None:
            self._tell(kept)

    async def _names(self, seen: _Seen, latest: Moment | None) -> set[str]:
        names = set(seen.authors or ())
        if self._is_shared or seen.authors is None:
            since = latest.at if latest else 0.0
            names.update(await self._moments.authors(self._document, self._epoch, since, seen.at))
        return names

    def _called(self, names: set[str], earlier: Iterable[Moment]) -> tuple[Author, ...]:
        """How they are called, or were when that was last known."""
        people = {author.username: author for moment in earlier for author in moment.authors}
        people |= self._elsewhere() | self._people
        return tuple(people.get(name) or Author(name, name) for name in sorted(names))


def told(moment: Moment) -> dict[str, Any]:
    """A moment as clients are told of it."""
    return {
        "id": moment.id,
        "at": moment.at,
        "authors": [author._asdict() for author in moment.authors],
        "size": moment.size,
        "added": moment.added,
        "removed": moment.removed,
        "restored": moment.restored,
    }
