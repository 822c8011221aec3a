"""The contract of timelines."""

from __future__ import annotations

import time
from dataclasses import asdict

import pytest

from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.log import Entry, UpdateLog
from jupyter_live.log.moments import LIMIT, Author, Moment, NewMoment
from jupyter_live.testing.engine import typed
from jupyter_live.testing.log import DOCUMENT, FILE

ADA = Author("ada", "Ada", "red")


def moment(name: str, at: float | None = None, size: int = 10, restored: float | None = None) -> NewMoment:
    """One whose content is known by its name."""
    return NewMoment(at or time.time(), (ADA,), name, name.encode().ljust(size), size, 2, 1, restored)


class MomentsContract:
    """Inherit, and give an async fixture `log`, opened on an empty store, and a method `reopen`."""

    @pytest.fixture
    async def log(self) -> UpdateLog:
        raise NotImplementedError

    async def reopen(self, log: UpdateLog) -> UpdateLog:
        """The same store as another process would see it now, without the first one having closed it."""
        raise NotImplementedError

    async def names(self, log: UpdateLog, document: DocumentId = DOCUMENT) -> list[str]:
        return [kept.fingerprint for kept in await log.moments.of(document)]

    async def test_a_document_has_no_moments_at_first(self, log: UpdateLog) -> None:
        await log.begin(DOCUMENT, typed("a")[0], FILE)
        assert await log.moments.of(DOCUMENT) == []
        assert await log.moments.get(DOCUMENT, 1) is None

    async def test_what_is_kept_another_process_can_read(self, log: UpdateLog) -> None:
        first, second = moment("1"), moment("2", restored=5.5)
        kept = [await log.moments.add(DOCUMENT, each) for each in (first, second)]
        other = await self.reopen(log)
        assert await other.moments.of(DOCUMENT) == kept
        for new, old in zip((first, second), kept, strict=True):
            assert old is not None and await other.moments.get(DOCUMENT, old.id) == (old, new.data)
            assert {**asdict(new), "id": old.id} == {**asdict(old), "data": new.data}
        await other.close()

    async def test_documents_do_not_mix(self, log: UpdateLog) -> None:
        other = DocumentId("text:file:2")
        kept = await log.moments.add(DOCUMENT, moment("1"))
        await log.moments.add(other, moment("2"))
        assert await self.names(log) == ["1"] and await self.names(log, other) == ["2"]
        assert kept is not None and await log.moments.get(other, kept.id) is None

    async def test_the_same_content_is_not_kept_twice_in_a_row(self, log: UpdateLog) -> None:
        other = await self.reopen(log)
        kept: list[Moment | None] = []
        for each, name in ((log, "1"), (other, "1"), (log, "2"), (other, "2"), (other, "1")):
            kept.append(await each.moments.add(DOCUMENT, moment(name)))
        assert [found is not None for found in kept] == [True, False, True, False, True]
        assert await self.names(log) == ["1", "2", "1"]
        await other.close()

    async def test_they_outlive_what_becomes_of_the_history(self, log: UpdateLog) -> None:
        await log.begin(DOCUMENT, typed("a")[0], FILE)
        await log.moments.add(DOCUMENT, moment("1"))
        await log.rename(DOCUMENT)
        await log.compact(DOCUMENT)
        await log.set_aside(DOCUMENT)
        await log.begin(DOCUMENT, typed("b")[0], FILE)
        assert await self.names(log) == ["1"]

    async def test_older_ones_are_thinned_out(self, log: UpdateLog) -> None:
        now = time.time()
        day = now - now % 86400 - 2 * 86400
        for n in range(5):
            await log.moments.add(DOCUMENT, moment(f"old {n}", day + 60 * n))
        await log.moments.add(DOCUMENT, moment("new", now))
        assert await self.names(log) == ["old 4", "new"]

    async def test_bytes_are_bounded(self, log: UpdateLog) -> None:
        now = time.time()
        for n in range(6):
            await log.moments.add(DOCUMENT, moment(str(n), now - 60 + n, LIMIT // 3))
        names = await self.names(log)
        assert len(names) == 3 and names[0] == "0" and names[-1] == "5"
        assert await log.moments.add(DOCUMENT, moment("too large", now, LIMIT + 1)) is None
        assert await self.names(log) == names

    async def test_who_has_written_is_known_from_the_log(self, log: UpdateLog) -> None:
        base, *updates = typed(*"abcd")
        history = await log.begin(DOCUMENT, base, FILE)
        times = []
        for update, author in zip(updates, ("ada", "bob", ""), strict=True):
            times.append(time.time())
            log.append(Entry(DOCUMENT, history.epoch, update, author, lambda seq: None))
            await log.flush()
            times.append(time.time())
        authors = log.moments.authors
        assert await authors(DOCUMENT, history.epoch, 0.0, times[-1]) == ["ada", "bob"]
        assert await authors(DOCUMENT, history.epoch, times[2], times[-1]) == ["bob"]
        assert await authors(DOCUMENT, history.epoch, times[0], times[1]) == ["ada"]
        assert await authors(DOCUMENT, Epoch("another"), 0.0, times[-1]) == []
