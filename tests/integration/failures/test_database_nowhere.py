"""Where the log's file cannot be opened, people can still work, and are told what they cannot rely on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from failures.databases import database
from jupyter_live.testing import LiveClient, LiveServer


def temporary(place: Path) -> list[str]:
    return [path.name for path in place.glob("jupyter-live-*/*.sqlite3")]


async def test_documents_are_edited_and_saved_without_a_place_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    server = LiveServer(tmp_path, "--LiveApp.save_delay=0.2")
    folder = database(server).parent
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be: also the superuser cannot write below it")
    notebook = server.work / "a.ipynb"
    notebook.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    await asyncio.to_thread(server.start)
    try:
        async with LiveClient(server, "a.ipynb") as ada:
            state = ada.latest("state")
            assert (state["log"], state["code"]) == ("failed", "log_temporary")
            ada.add_cell(0, "typed", "first")
            await ada.until(lambda: ada.is_saved)
            assert ada.latest("ack")["logged"] == 0, "it would not outlive this server"
            assert ada.latest("state")["file"] == "saved"
        assert "typed" in notebook.read_text()
        for _ in range(50):  # until the server has heard that she left
            status, answer = await asyncio.to_thread(server.session, "a.ipynb", "text", "file")
            if status == 200:
                break
            await asyncio.sleep(0.1)
        assert status == 200, f"a room that nobody is in can be closed: {answer}"
        assert "log_temporary" in server.log()
    finally:
        await asyncio.to_thread(server.stop)
    assert folder.is_file()
    assert temporary(tmp_path) == ["live.sqlite3"], "nothing is deleted"
