"""Waiting for something to become true, in tests that have no `LiveClient` at hand."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

TIMEOUT = 20.0  # seconds: generous, machines are slow


async def until(condition: Callable[[], Any], told: str = "") -> None:
    """Fails with `told` when `condition` (or what it returns, awaited) never becomes true."""
    deadline = asyncio.get_running_loop().time() + TIMEOUT
    while not ((await result) if inspect.isawaitable(result := condition()) else result):
        assert asyncio.get_running_loop().time() < deadline, told or "it never came"
        await asyncio.sleep(0.005)
