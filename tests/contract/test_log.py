from collections.abc import AsyncIterator

import pytest

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.log import UpdateLog
from jupyter_live.log.sql import SqlLog
from jupyter_live.testing import LogContract


def sql_log() -> SqlLog:
    engine = PycrdtEngine()
    return SqlLog(engine.merge, engine.fold)


@pytest.mark.usefixtures("database")
class TestSqlite(LogContract):
    @pytest.fixture
    async def log(self) -> AsyncIterator[UpdateLog]:
        log = sql_log()
        yield log
        await log.close()

    async def reopen(self, log: UpdateLog) -> UpdateLog:
        return sql_log()
