"""Documents that have something in them before anybody comes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from benchmarks.client import Client, Joiner
from benchmarks.servers.base import Room, Server
from benchmarks.servers.jupyter import JupyterServer
from jupyter_live.files import convert

LINE = "for number in range(100): print(number, 'of many numbers that are printed one after the other')\n"
UNTIL_THERE = 30.0  # seconds


def text(size: int) -> str:
    """Lines of code, so many bytes."""
    lines = (f"{number:08} {LINE}" for number in range(size // (len(LINE) + 9)))
    return "".join(lines)


def notebook(cells: int, outputs: int = 3, size: int = 2000) -> dict[str, Any]:
    """A notebook of code cells with so many stream outputs each, of `size` characters."""

    def cell(number: int) -> dict[str, Any]:
        shown = [{"output_type": "stream", "name": "stdout", "text": text(size)} for _ in range(outputs)]
        base: dict[str, Any] = {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None}
        return {**base, "source": f"value = {number}\nshow(value)\n", "outputs": shown}

    return {"cells": [cell(number) for number in range(cells)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


async def filled(server: Server, name: str, content: Any) -> tuple[Room, Client]:
    """Open a new document with this content: a text, or a notebook.

    Servers with files get a file; to others a client brings it. That client stays: some forget a document without any.
    """
    is_text = isinstance(content, str)
    doc_type = "file" if is_text else "notebook"
    if isinstance(server, JupyterServer):
        path = f"{name}.txt" if is_text else f"{name}.ipynb"
        data = content if is_text else json.dumps(content)
        room = await asyncio.to_thread(server.open, path, data, "text" if is_text else "json", doc_type)
        return room, await Client(room).open()
    room = server.room(name)
    keeper = await Client(room).open()
    update, _ = convert.to_update(doc_type, content)
    keeper.send(keeper.dialect.update(update))
    await _until_there(room, len(update) // 2)
    return room, keeper


async def _until_there(room: Room, size: int) -> None:
    deadline = asyncio.get_running_loop().time() + UNTIL_THERE
    while True:
        joiner = Joiner(room)
        await joiner.open()
        await joiner.close()
        if joiner.bytes > size:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the document's content did not come to the server")
        await asyncio.sleep(0.1)
