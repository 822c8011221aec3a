"""Updates that are well-formed, and make a document that no file can hold."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from jupyter_live.testing import LiveClient, LiveServer

NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def sources(file: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(file.read_text())["cells"]]


POISONS: dict[str, Callable[[], Any]] = {
    "a string": lambda: "a string",
    "a number": lambda: 3,
    "a list": lambda: pycrdt.Array([1]),
    "a dictionary without cell in it": lambda: pycrdt.Map({"source": 3}),
}


@pytest.mark.parametrize("title", POISONS)
async def test_it_stays_in_memory_until_somebody_mends_it(server: LiveServer, name: str, title: str) -> None:
    file = server.work / f"{name}.ipynb"
    file.write_text(json.dumps(NOTEBOOK))
    async with LiveClient(server, file.name) as client, LiveClient(server, file.name) as other:
        client.add_cell(0, "good = 1", "good")
        assert (await client.save(1))["status"] == "success"
        before = file.read_bytes()
        client.cells.append(POISONS[title]())
        answer = await client.save(2)
        assert answer["status"] == "failed" and answer["code"] == "save_failed"
        await other.until(lambda: other.latest("state").get("file") == "failed")
        assert other.latest("state")["code"] == "save_failed"
        assert file.read_bytes() == before
        other.add_cell(1, "better = 2", "better")
        await other.until(lambda: other.is_logged)
        await client.until(lambda: len(client.cells) == len(other.cells) == 4)
        del other.cells[3]
        answer = await other.save(3)
        assert answer["status"] in ("success", "skipped"), answer
        await client.until(lambda: client.latest("state").get("file") == "saved")
    assert sources(file) == ["good = 1", "better = 2", ""]


async def test_it_can_be_opened_again_after_a_restart(tmp_path: Path) -> None:
    server = LiveServer(tmp_path)
    file = server.work / "a.ipynb"
    file.write_text(json.dumps(NOTEBOOK))
    await asyncio.to_thread(server.start)
    try:
        client = await LiveClient(server, "a.ipynb").open()
        client.add_cell(0, "good = 1", "good")
        client.cells.append("a string")
        await client.until(lambda: client.is_logged)
        await client.cut()
        await asyncio.to_thread(server.stop, signal.SIGTERM)
        await asyncio.to_thread(server.start)
        async with LiveClient(server, "a.ipynb") as again:
            assert [str(again.cells[0]["source"]), again.cells[2]] == ["good = 1", "a string"]
            del again.cells[2]
            assert (await again.save())["status"] in ("success", "skipped")
    finally:
        await asyncio.to_thread(server.stop)
    assert sources(file)[0] == "good = 1"
