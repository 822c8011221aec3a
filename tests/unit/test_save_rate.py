"""Where many documents are changed at once, each is saved, in order, but not all of them at once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import until

from jupyter_live.config import Config
from jupyter_live.files.autosave import Autosave
from jupyter_live.files.rate import AT_MOST, BURST, Rate


def test_few_never_wait() -> None:
    rate = Rate(5.0)
    assert all(rate.begin(now := 1000 + n * 1.5 / AT_MOST) == now for n in range(100))


def test_a_few_at_once_do_not_wait_either() -> None:
    rate = Rate(5.0)
    assert [rate.begin(1000.0) for _ in range(BURST)] == [1000.0] * BURST
    assert rate.begin(1000.0) > 1000.0


def test_many_begin_one_after_the_other() -> None:
    rate = Rate(60.0)
    times = [rate.begin(1000.0) for _ in range(200)]
    assert times == sorted(times)
    assert times[-1] - 1000.0 == pytest.approx((200 - BURST) / AT_MOST)


def test_nobody_waits_longer_than_that() -> None:
    rate = Rate(5.0)
    assert max(rate.begin(1000.0) for _ in range(10_000)) == 1005.0
    assert rate.begin(1001.0) == 1005.0 + 1 / AT_MOST


class Saves:
    """Counts the saves of some documents."""

    def __init__(self, count: int, rate: Rate) -> None:
        self.saved = [0] * count
        config = Config(Path(), save_delay=0.0, save_delay_max=0.0)
        self.documents = [Autosave(config, rate, self._save(n), str(n)) for n in range(count)]

    def _save(self, number: int) -> Callable[[], "asyncio.Future[bool]"]:
        def save() -> "asyncio.Future[bool]":
            self.saved[number] += 1
            done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            done.set_result(True)
            return done

        return save


async def test_documents_wait_for_their_place_and_are_saved_once_for_all_that_comes_meanwhile() -> None:
    saves = Saves(BURST + 5, Rate(60.0))
    for _ in range(3):
        for document in saves.documents:
            document.touch()
    await until(lambda: sum(saves.saved) >= BURST)
    for document in saves.documents[BURST:]:
        document.touch()
    await until(lambda: all(saves.saved))
    assert saves.saved[BURST:] == [1] * 5
    for document in saves.documents:
        await document.stop()


async def test_who_hurries_does_not_wait_for_a_place() -> None:
    rate = Rate(600.0)
    now = asyncio.get_running_loop().time()
    for _ in range(10_000):
        rate.begin(now)
    saves = Saves(1, rate)
    saves.documents[0].touch()
    await asyncio.sleep(0.05)
    assert saves.saved == [0]
    saves.documents[0].hurry()
    await until(lambda: saves.saved == [1])
    await saves.documents[0].stop()


async def test_who_hurries_a_save_that_is_under_way_does_not_hurry_the_next() -> None:
    saved: list[asyncio.Future[bool]] = []

    def save() -> "asyncio.Future[bool]":
        saved.append(asyncio.get_running_loop().create_future())
        return saved[-1]

    document = Autosave(Config(Path(), save_delay=600.0, save_delay_max=600.0), Rate(5.0), save, "")
    document.touch()
    document.hurry()
    await until(lambda: len(saved) == 1)
    document.hurry()
    saved[0].set_result(True)
    await asyncio.sleep(0.01)
    document.touch()
    await asyncio.sleep(0.05)
    assert len(saved) == 1
    await document.stop()
