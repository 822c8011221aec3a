"""A server in which a test's code runs beside Jupyter Live, as any extension's would."""

from __future__ import annotations

import asyncio
import inspect
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from companions import Companion

from jupyter_live.testing import LiveServer

Main = Callable[[Any, dict[str, Any]], Awaitable[Any]]

EXTENSION = Path(__file__).parent / "integration" / "programs"
"""Where `live_program.py` is, which runs that code."""


class ProgramServer(LiveServer):
    """`idle_delay` is short, so that documents are closed within a test."""

    def __init__(self, home: Path, beside: Companion | None = None) -> None:
        super().__init__(
            home,
            "--ServerApp.jpserver_extensions=live_program=True",
            "--LiveApp.idle_delay=0.5",
            "--LiveApp.save_delay=0.2",
            python=beside.python if beside else sys.executable,
            variables={**(beside.variables if beside else {}), "PYTHONPATH": str(EXTENSION)},
        )

    async def run(self, main: Main, **values: Any) -> Any:
        """Run a function in the server. It sees nothing of its module; `values` are added to what it keeps."""
        code = textwrap.dedent(inspect.getsource(main)).replace(main.__name__, "main", 1)
        body = {"code": code, "values": values}
        status, answer = await asyncio.to_thread(self.request, "POST", "program", body)
        assert status == 200, (answer, self.log()[-3000:])
        return answer["result"]
