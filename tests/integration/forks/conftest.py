from collections.abc import Iterator

import pytest
from rooms.notebooks import code, write
from rooms.people import equip

from jupyter_live.testing import LiveServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that is stopped and started again. It saves soon."""
    home = tmp_path_factory.mktemp("forks")
    equip(home)
    with LiveServer(home, "--LiveApp.save_delay=0.1", "--LiveApp.save_delay_max=0.5") as server:
        yield server


@pytest.fixture
def path(server: LiveServer, name: str) -> str:
    """A notebook of the test's own with three cells."""
    write(server.work / f"{name}.ipynb", code("a = 1\na = 2", "first"), code("b = 1", "second"), code("c = 1", "third"))
    return f"{name}.ipynb"


@pytest.fixture
def text(server: LiveServer, name: str) -> str:
    """A text file of the test's own."""
    (server.work / f"{name}.txt").write_text("one\ntwo\n")
    return f"{name}.txt"
