from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import scenery

from jupyter_live.testing import LiveServer


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Servers find the package of `scenery.py`, as if pip had installed it."""
    folder = tmp_path_factory.mktemp("packages")
    scenery.install(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        yield folder


@pytest.fixture(scope="session")
def server(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """It saves when it is asked to, or when the last one leaves."""
    options = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600"
    with LiveServer(tmp_path_factory.mktemp("types"), *options) as server:
        yield server


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A file name of the test's own, without suffix."""
    found: str = request.node.name
    return found
