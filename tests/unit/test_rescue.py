"""What was typed into cells that were moved, while it cannot be told whether others bring it too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jupyter_live import merging
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentName
from jupyter_live.merging import Merging
from jupyter_live.whole import Whole


class Database:
    """Lets one be alone, or is away."""

    def __init__(self) -> None:
        self.is_away = True
        self.told: asyncio.Queue[str] = asyncio.Queue()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        if self.is_away:
            raise LiveError("log_failed", "away")
        yield

    def done(self) -> None:
        self.told.put_nowait("done")

    def held_up(self, error: LiveError) -> None:
        self.told.put_nowait(error.code)


@pytest.fixture
async def rescuing(monkeypatch: pytest.MonkeyPatch) -> Merging:
    monkeypatch.setattr(merging, "RESCUE_AGAIN", 0.01)
    engine = PycrdtEngine()
    name = DocumentName("json", "notebook", "1")
    return Merging(name, Whole(engine.replica(), engine), set(), lambda *update: None, lambda: None)


async def test_it_is_told_that_it_has_to_wait_and_done_when_the_database_is_back(rescuing: Merging) -> None:
    database = Database()
    rescuing.rescue({}, database.done, database.held_up, alone=database.alone)
    assert [await database.told.get(), await database.told.get()] == ["log_failed", "log_failed"]
    database.is_away = False
    while (told := await database.told.get()) != "done":
        assert told == "log_failed"
    await rescuing.close()


async def test_who_closes_the_document_does_not_wait_for_the_database(rescuing: Merging) -> None:
    database = Database()
    rescuing.rescue({}, database.done, database.held_up, alone=database.alone)
    await rescuing.rescued()
    assert database.told.get_nowait() == "log_failed"
    await rescuing.close()
    assert database.told.get_nowait() == "done", "what was held with it is let go of"


async def test_in_a_history_that_is_no_more_it_is_not_tried_again(rescuing: Merging) -> None:
    database = Database()
    tried = 0

    @asynccontextmanager
    async def alone() -> AsyncIterator[None]:
        nonlocal tried
        tried += 1
        if tried:
            raise LiveError("unknown_session")
        yield

    rescuing.rescue({}, database.done, database.held_up, alone=alone)
    await rescuing.rescued()
    assert database.told.get_nowait() == "done" and database.told.empty() and tried == 1
    await rescuing.close()
