from collections.abc import Iterator

import pytest

from jupyter_live.testing import LiveServer

from .server import start


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for all hostile tests: none may harm it for the next."""
    yield from start(tmp_path_factory)


@pytest.fixture
def name(server: LiveServer, request: pytest.FixtureRequest) -> str:
    """A text file of the test's own."""
    name = f"{abs(hash(request.node.nodeid))}.txt"
    (server.work / name).write_text("calm")
    return name
