"""A server in which a program of the tests runs beside Jupyter Live."""

from __future__ import annotations

import asyncio
import inspect
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.testing import LiveServer

Main = Callable[..., Awaitable[Any]]


class ProgramServer(LiveServer):
    """`idle_delay` is short, so that documents are closed within a test."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            home,
            "--ServerApp.jpserver_extensions=live_program=True",
            "--LiveApp.idle_delay=0.5",
            "--LiveApp.save_delay=0.2",
            variables={"PYTHONPATH": str(Path(__file__).parent)},
        )

    async def run(self, main: Main, **values: Any) -> Any:
        """Run a function in the server. It sees nothing of its module; `values` are added to what it keeps."""
        code = textwrap.dedent(inspect.getsource(main)).replace(main.__name__, "main", 1)
        body = {"code": code, "values": values}
        status, answer = await asyncio.to_thread(self.request, "POST", "program", body)
        assert status == 200, (answer, self.log()[-3000:])
        return answer["result"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ProgramServer]:
    server = ProgramServer(tmp_path)
    with server:
        yield server
        assert "Traceback" not in server.log(), server.log()
