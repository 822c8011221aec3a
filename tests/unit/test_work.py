"""Where heavy work is done, and what becomes of it when its process dies."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_live import work
from jupyter_live.errors import LiveError
from jupyter_live.files import convert


@pytest.fixture(autouse=True)
def processes() -> Iterator[None]:
    yield
    work.close()


async def test_small_work_stays_here_and_large_work_does_not() -> None:
    assert await work.run(work.LARGE - 1, os.getpid) == os.getpid()
    first = await work.run(work.LARGE, os.getpid)
    assert first != os.getpid()
    assert await asyncio.to_thread(work.run_for_log, work.LARGE, os.getpid) != os.getpid()
    assert work.run_for_log(1, os.getpid) == os.getpid()


async def test_an_error_comes_back_as_it_is() -> None:
    for size in (1, work.LARGE):
        with pytest.raises(LiveError) as caught:
            await work.run(size, convert.to_content, "no such type", b"\0\0")
        assert (caught.value.code, caught.value.detail) == ("unsupported_type", "no such type")


async def test_work_whose_process_dies_is_begun_again(tmp_path: Path) -> None:
    assert await work.run(work.LARGE, _die_once, tmp_path / "died") == "done"


async def test_work_that_kills_every_process_is_given_up_and_other_work_goes_on() -> None:
    with pytest.raises(RuntimeError, match="_exit"):
        await work.run(work.LARGE, os._exit, 3)
    assert await work.run(work.LARGE, len, b"four") == 4


async def test_after_the_end_new_work_begins_anew() -> None:
    first = await work.run(work.LARGE, os.getpid)
    work.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert await work.run(work.LARGE, os.getpid) != first


def _die_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "done"
