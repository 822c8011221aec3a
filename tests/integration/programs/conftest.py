from collections.abc import Iterator
from pathlib import Path

import pytest
from program_server import ProgramServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ProgramServer]:
    server = ProgramServer(tmp_path)
    with server:
        yield server
        assert "Traceback" not in server.log(), server.log()
