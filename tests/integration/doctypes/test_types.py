"""Document types that another package brings by the entry points `jupyter_ydoc`: opened, saved, merged, refused."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
from pathlib import Path
from typing import Any

from scenery import YPhoto, YScene

from jupyter_live.testing import LiveClient, LiveServer

TREE = {"name": "tree", "height": 3}
HOUSE = {"name": "house", "at": {"x": 1, "y": 2}}


def scene(file: Path, *objects: dict[str, Any], notes: str = "", **options: Any) -> str:
    """Write a scene as no model would write it; returns the text."""
    text = json.dumps({"options": options, "objects": objects, "notes": notes}, indent=7)
    file.write_text(text)
    return text


def content(file: Path) -> Any:
    return json.loads(file.read_text())


def shared(client: LiveClient) -> YScene:
    return YScene(client.doc)


def names(client: LiveClient) -> list[str]:
    return [each["name"] for each in shared(client).objects]


async def test_it_opens_as_its_model_has_it_and_is_not_written_for_that(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.scene"
    text = scene(file, TREE, HOUSE, notes="hello", grid=True)
    status, session = await asyncio.to_thread(server.session, file.name, "text", "scene")
    assert status == 201 and (session["format"], session["type"]) == ("text", "scene")
    async with LiveClient(server, file.name, "text", "scene") as ada:
        assert json.loads(shared(ada).get()) == json.loads(text)
        assert ada.state["path"] == file.name and ada.state["hash"]
        await ada.until(lambda: ada.latest("state").get("file") == "saved")
        assert (await ada.save())["status"] == "skipped"
    assert file.read_text() == text


async def test_it_is_edited_together_and_saved(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.scene"
    scene(file, TREE)
    async with (
        LiveClient(server, file.name, "text", "scene") as ada,
        LiveClient(server, file.name, "text", "scene") as grace,
    ):
        shared(ada).objects.append(HOUSE)
        shared(grace).notes.insert(0, "grüße 😀")
        await grace.until(lambda: names(grace) == ["tree", "house"])
        await ada.until(lambda: str(shared(ada).notes) == "grüße 😀")
        assert (await ada.save())["status"] == "success"
        assert content(file) == {"notes": "grüße 😀", "options": {}, "objects": [TREE, HOUSE]}


async def test_a_change_by_others_is_merged(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.scene"
    scene(file, TREE, HOUSE, notes="one\ntwo")
    async with LiveClient(server, file.name, "text", "scene") as ada:
        scene(file, TREE, {**HOUSE, "at": {"x": 9, "y": 2}}, notes="one\ntwo\nthree")
        await ada.until(lambda: str(shared(ada).notes) == "one\ntwo\nthree")
        assert shared(ada).objects.to_py() == [TREE, {**HOUSE, "at": {"x": 9, "y": 2}}]
        shared(ada).objects[0]["height"] = 4
        await ada.until(lambda: ada.is_logged)
        scene(file, TREE, {**HOUSE, "at": {"x": 9, "y": 2}}, {"name": "sun"}, notes="one\ntwo\nthree")
        await ada.until(lambda: names(ada) == ["tree", "house", "sun"])
        assert shared(ada).objects[0]["height"] == 4
        assert (await ada.save())["status"] == "success"
        assert [each.get("height") for each in content(file)["objects"]] == [4, None, None]
        assert len(content(file)["objects"]) == 3


async def test_what_both_changed_is_told_and_neither_is_lost(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.scene"
    scene(file, TREE)
    async with LiveClient(server, file.name, "text", "scene") as ada:
        shared(ada).objects[0]["height"] = 4
        await ada.until(lambda: ada.is_logged)
        theirs = scene(file, {**TREE, "height": 7})
        await ada.until(lambda: ada.latest("state").get("file") == "failed")
        assert ada.latest("state")["code"] == "file_changed"
        assert file.read_text() == theirs and shared(ada).objects[0]["height"] == 4
        assert (await ada.save())["status"] == "success"
        assert content(file)["objects"] == [{**TREE, "height": 4}]
        [copy] = server.work.glob(f"{name} replaced*.scene")
        assert copy.read_text() == theirs
        await ada.until(lambda: ada.latest("state").get("file") == "saved")


async def test_it_outlives_a_killed_server_and_a_change_meanwhile(installed: Path, tmp_path: Path) -> None:
    server = LiveServer(tmp_path, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600").start()
    try:
        file = server.work / "killed.scene"
        scene(file, TREE, notes="one")
        async with LiveClient(server, file.name, "text", "scene") as ada:
            shared(ada).objects.append(HOUSE)
            await ada.until(lambda: ada.is_logged)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            scene(file, TREE, notes="one\ntwo")
            await asyncio.to_thread(server.start)
            await ada.connect()
            await ada.until(lambda: str(shared(ada).notes) == "one\ntwo")
            assert names(ada) == ["tree", "house"]
            assert (await ada.save())["status"] == "success"
        assert content(file) == {"notes": "one\ntwo", "options": {}, "objects": [TREE, HOUSE]}
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_client_of_a_lost_history_keeps_its_version(installed: Path, tmp_path: Path) -> None:
    """The log is gone, the file was changed, and what the client did cannot be carried over: it is kept beside."""
    server = LiveServer(tmp_path, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600").start()
    try:
        file = server.work / "lost.scene"
        scene(file, TREE)
        async with LiveClient(server, file.name, "text", "scene") as ada:
            await ada.until(lambda: ada.latest("saved"))
            shared(ada).objects[0]["height"] = 4
            await ada.until(lambda: ada.is_logged)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            server.lose_database()
            scene(file, {**TREE, "height": 7})
            await asyncio.to_thread(server.start)
            await ada.connect()
            [(status, answer)] = ada.handed_in
            assert status == 200 and answer["outcome"] == "rebased" and answer["copy"]
            assert content(server.work / answer["copy"])["objects"] == [{**TREE, "height": 4}]
            assert shared(ada).objects[0]["height"] == 7
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_binary_type_is_base64(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.photo"
    file.write_bytes(b"\x00\xff one")
    async with LiveClient(server, file.name, "base64", "photo") as ada:
        photo = YPhoto(ada.doc)
        assert base64.b64decode(photo.get()) == b"\x00\xff one"
        photo.set(base64.b64encode(b"\x00\xff two").decode())
        assert (await ada.save())["status"] == "success"
        assert file.read_bytes() == b"\x00\xff two"
        file.write_bytes(b"\x00\xff three")
        await ada.until(lambda: base64.b64decode(photo.get()) == b"\x00\xff three")


async def test_a_broken_file_is_told(server: LiveServer, name: str) -> None:
    (server.work / f"{name}.scene").write_text("no JSON")
    status, answer = await asyncio.to_thread(server.session, f"{name}.scene", "text", "scene")
    assert (status, answer["code"]) == (400, "invalid_file")
    assert (server.work / f"{name}.scene").read_text() == "no JSON"


async def test_a_type_or_format_that_nobody_knows_is_refused(server: LiveServer, name: str) -> None:
    text = scene(server.work / f"{name}.scene", TREE)
    for doc_format, doc_type in [("text", "picture"), ("json", "scene"), ("text", "notebook")]:
        status, answer = await asyncio.to_thread(server.session, f"{name}.scene", doc_format, doc_type)
        assert (status, answer["code"]) == (400, "unsupported_type"), (doc_format, doc_type)
        assert "Is its package installed?" in answer["message"]
    assert (server.work / f"{name}.scene").read_text() == text


async def test_it_is_one_document_whatever_it_is_opened_as(server: LiveServer, name: str) -> None:
    file = server.work / f"{name}.scene"
    scene(file, TREE)
    async with LiveClient(server, file.name, "text", "scene"):
        status, answer = await asyncio.to_thread(server.session, file.name, "text", "file")
        assert (status, answer["code"]) == (409, "open_otherwise")
