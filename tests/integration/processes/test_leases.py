"""Which of several processes has a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from waiting import until

from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId
from jupyter_live.log import leases
from jupyter_live.log.leases import SqlLeases
from jupyter_live.testing.services import Postgres

ONE, OTHER = DocumentId("text:file:1"), DocumentId("text:file:2")


@pytest.fixture(scope="module")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One of our own: it is stopped."""
    with Postgres(tmp_path_factory.mktemp("leases")) as server:
        yield server


@pytest.fixture
async def two(shared_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[SqlLeases]]:
    monkeypatch.setattr(leases, "RENEWED_AFTER", 0.1)
    found = [SqlLeases(lambda: "ids"), SqlLeases(lambda: "ids")]
    yield found
    for each in found:
        await each.close()


async def test_one_holds_it_until_it_lets_go(two: list[SqlLeases]) -> None:
    first, second = two
    assert await first.take(ONE) and await first.take(ONE) and first.holds(ONE)
    assert not await second.take(ONE) and not second.holds(ONE)
    assert await second.take(OTHER)
    await asyncio.sleep(0.5)  # renewed some times
    assert not await second.take(ONE) and first.holds(ONE)
    await first.release(ONE)
    assert not first.holds(ONE) and await second.take(ONE)


async def test_of_many_who_ask_at_once_one_gets_it(two: list[SqlLeases]) -> None:
    many = [*two, *(SqlLeases(lambda: "ids") for _ in range(6))]
    assert sorted(await asyncio.gather(*(each.take(ONE) for each in many))) == [False] * 7 + [True]
    for each in many[2:]:
        await each.close()


async def test_one_that_is_not_renewed_is_anybody_s_and_that_is_told(
    two: list[SqlLeases], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    lost: list[DocumentId] = []
    first.on_lost = lost.append
    monkeypatch.setattr(leases, "_TAKE", leases._TAKE.replace(str(leases.LASTS), "0.3"))
    with monkeypatch.context() as asleep:
        asleep.setattr(leases, "RENEWED_AFTER", 1.0)
        assert await first.take(ONE)
        await until(lambda: second.take(ONE))
    await until(lambda: lost == [ONE])
    assert not first.holds(ONE) and second.holds(ONE)


async def test_while_the_database_is_away_nothing_is_sure_and_nothing_is_lost(
    two: list[SqlLeases], postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    lost: list[DocumentId] = []
    first.on_lost = lost.append
    monkeypatch.setattr(leases, "SURE", 0.3)
    assert await first.take(ONE)
    await asyncio.to_thread(postgres_server.pause)
    await until(lambda: not first.holds(ONE))
    await asyncio.to_thread(postgres_server.resume)
    await until(lambda: first.holds(ONE))
    await asyncio.to_thread(postgres_server.stop)
    await until(lambda: not first.holds(ONE))
    with pytest.raises(LiveError, match="log_failed"):
        await second.take(OTHER)
    await asyncio.to_thread(postgres_server.start)
    await until(lambda: first.holds(ONE))
    assert lost == []


async def test_with_other_file_ids_there_are_no_leases(two: list[SqlLeases], monkeypatch: pytest.MonkeyPatch) -> None:
    """One file would have two ids, and two servers a lease each."""
    lost: list[DocumentId] = []
    first, other = two[0], SqlLeases(lambda: "other ids")
    first.on_lost = lost.append
    assert await first.take(ONE)
    with pytest.raises(LiveError, match="other_file_ids"):
        await other.take(OTHER)
    assert not other.holds(OTHER) and first.holds(ONE)
    monkeypatch.setattr(leases, "_TAKE", leases._TAKE.replace("held.until <", "held.until - interval '10 minutes' <"))
    assert await other.take(OTHER), "once those have ended"
    await until(lambda: lost == [ONE])
    assert not first.holds(ONE)
    with pytest.raises(LiveError, match="other_file_ids"):
        monkeypatch.undo()
        await first.take(ONE)
    await other.close()
