"""What JupyterLab's stock `@jupyter/docprovider` needs beyond y-websocket: truthful answers to its save requests.

It takes every status but "success" for a failure.
"""

from __future__ import annotations

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .conftest import on_disk, text_file


async def test_saving_succeeds_also_when_there_is_nothing_to_save(
    server: LiveServer, request: pytest.FixtureRequest
) -> None:
    path = text_file(server, request.node.name)
    async with LiveClient(server, path, "text", "file", live=False) as client:
        client.text.insert(0, "saved")
        assert await client.save(1) == {"type": "save", "responseTo": 1, "status": "success"}
        assert on_disk(server, path) == "saved"
        assert await client.save(2) == {"type": "save", "responseTo": 2, "status": "success"}


async def test_a_save_that_failed_is_told(server: LiveServer, request: pytest.FixtureRequest) -> None:
    path = text_file(server, request.node.name)
    async with LiveClient(server, path, "text", "file", live=False) as client:
        (server.work / path).unlink()
        (server.work / path).mkdir()
        client.text.insert(0, "mine")
        answer = await client.save()
        assert answer["status"] == "failed" and answer["code"] in ("is_directory", "save_failed")


async def test_who_did_not_ask_for_notices_gets_none(server: LiveServer, request: pytest.FixtureRequest) -> None:
    path = text_file(server, request.node.name)
    async with (
        LiveClient(server, path, "text", "file", live=False) as client,
        LiveClient(server, path, "text", "file") as ours,
    ):
        client.text.insert(0, "written")
        await ours.until(lambda: ours.latest("state").get("file") == "unsaved")
        await ours.until(lambda: ours.latest("state").get("file") == "saved")
        await client.until(lambda: client.state["hash"] == ours.state["hash"])
        assert client.notices == []
