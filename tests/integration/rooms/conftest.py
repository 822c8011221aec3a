from collections.abc import Iterator

import pytest

from jupyter_live.testing import LiveServer
from rooms.notebooks import code, write
from rooms.people import equip


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that saves soon."""
    home = tmp_path_factory.mktemp("quick")
    equip(home)
    with LiveServer(home, "--LiveApp.save_delay=0.2", "--LiveApp.save_delay_max=1") as server:
        yield server


@pytest.fixture(scope="session")
def lazy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that saves only when it is asked to, or has to. Its clients may not be slow."""
    home = tmp_path_factory.mktemp("lazy")
    equip(home)
    options = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600", "--LiveApp.outbox_limit=65536"
    with LiveServer(home, *options) as server:
        yield server


@pytest.fixture
def text(quick: LiveServer, name: str) -> str:
    """The path of a text file on the quick server."""
    (quick.work / f"{name}.txt").write_text("one\ntwo\n")
    return f"{name}.txt"


@pytest.fixture
def notebook(quick: LiveServer, name: str) -> str:
    """The path of a notebook with two cells on the quick server."""
    write(quick.work / f"{name}.ipynb", code("a = 1", "first"), code("b = 2", "second"))
    return f"{name}.ipynb"
