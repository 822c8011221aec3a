from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from .running import Toy

Run = Callable[..., Toy]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts toys: `run("daphne", option=…)`. They end with the test."""
    with ExitStack() as stack:

        def start(server: str = "daphne", **options: Any) -> Toy:
            return stack.enter_context(Toy(server, options))

        yield start


@pytest.fixture(scope="module")
def toy() -> Iterator[Toy]:
    """One under Daphne, for tests that leave it as it was."""
    with Toy("daphne", {"max_message_size": 8 * 2**20}) as toy:
        yield toy
