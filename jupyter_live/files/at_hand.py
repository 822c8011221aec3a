"""A few threads that each have a contents manager of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, TypeVar

from jupyter_live.files.contents import AT_ONCE
from jupyter_live.files.stock import Stock

T = TypeVar("T")


class _Own(threading.local):
    """What one thread has at hand: to make it takes 1 ms."""

    stock: Stock | None = None
    manager: Any = None
    to_close = ExitStack()


_own = _Own()
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jupyter-live-file")


async def run(stock: Stock, do: Callable[..., T], *args: object) -> T:
    """Call `do` with a manager as `stock` tells it, and then `args`, in a thread. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _run, stock, do, args)


def _run(stock: Stock, do: Callable[..., T], args: tuple[object, ...]) -> T:
    if _own.stock != stock:
        _own.to_close.close()
        _own.to_close = ExitStack()
        _own.manager, _own.stock = _own.to_close.enter_context(stock.manager()), stock
    return do(_own.manager, *args)
