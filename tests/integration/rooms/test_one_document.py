"""One file is one document: two rooms never write one file, whatever has become of its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import until

from jupyter_live.testing import LiveClient, LiveServer


def people_in(server: LiveServer, document: str) -> int:
    _, told = server.request("GET", "api/collaboration/status")
    return sum(each["people"] for each in told["documents"] if each["id"] == document)


async def test_one_file_is_one_document(quick: LiveServer, notebook: str) -> None:
    """Opened as a notebook, it is refused as text with a reason, until nobody has the notebook any more."""
    async with LiveClient(quick, notebook) as ada:
        status, answer = quick.session(notebook, "text", "file")
        assert (status, answer["code"]) == (409, "open_otherwise") and "Close" in answer["message"]
        ada.cells[0]["source"].insert(0, "x")
        await ada.until(lambda: ada.is_logged)
    await until(lambda: quick.session(notebook, "text", "file")[0] == 200, "nobody has it open any more")
    async with LiveClient(quick, notebook, "text", "file") as grace:
        assert "xa = 1" in str(grace.text), "what was typed is in the file first"
        assert quick.session(notebook)[0] == 409


async def test_a_file_written_again_after_a_deletion_is_the_same_document(quick: LiveServer, text: str) -> None:
    """Jupyter has forgotten the file's id with the deletion."""
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        assert quick.request("DELETE", f"api/contents/{text}")[0] == 204
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        assert (await ada.save())["status"] == "success"
        async with LiveClient(quick, text, "text", "file") as grace:
            assert (grace.room, grace.session) == (ada.room, ada.session)
            grace.text.insert(0, "g")
            await ada.until(lambda: str(ada.text) == "gone\ntwo\n")
            await grace.until(lambda: grace.is_saved and file.read_text() == "gone\ntwo\n")
        # The id is the file's again, also for Jupyter: a renamed file is found by it.
        assert quick.request("PATCH", f"api/contents/{text}", {"path": f"renamed-{text}"})[0] == 200
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert (quick.work / f"renamed-{text}").read_text() == "xgone\ntwo\n" and not file.exists()


async def test_a_file_that_somebody_makes_again_is_the_document_that_is_open(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        assert quick.request("DELETE", f"api/contents/{text}")[0] == 204
        (quick.work / text).write_text("other\n")
        async with LiveClient(quick, text, "text", "file") as grace:
            assert (grace.room, grace.session) == (ada.room, ada.session)
            await grace.until(lambda: str(grace.text) == str(ada.text) == "other\n")


async def test_a_deleted_notebook_written_again_is_refused_as_text(quick: LiveServer, notebook: str) -> None:
    async with LiveClient(quick, notebook) as ada:
        assert quick.request("DELETE", f"api/contents/{notebook}")[0] == 204
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        assert quick.session(notebook, "text", "file")[1]["code"] == "open_otherwise", "it may be written any moment"
        assert (await ada.save())["status"] == "success"
        assert quick.session(notebook, "text", "file")[1]["code"] == "open_otherwise"


async def test_a_file_made_again_after_all_have_left_begins_anew(quick: LiveServer, text: str) -> None:
    """What was deleted through Jupyter and not written again is forgotten, as it is when nobody had it open."""
    async with LiveClient(quick, text, "text", "file") as ada:
        assert quick.request("DELETE", f"api/contents/{text}")[0] == 204
    await until(lambda: people_in(quick, ada.room) == 0, "she has left")
    (quick.work / text).write_text("other\n")
    async with LiveClient(quick, text, "text", "file") as grace:
        assert grace.session != ada.session and str(grace.text) == "other\n"


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
async def test_a_link_to_an_open_file_is_refused(
    quick: LiveServer, notebook: str, link: Callable[[Path, Path], None]
) -> None:
    file, other = quick.work / notebook, f"link-{notebook}"
    link(file, quick.work / other)
    async with LiveClient(quick, notebook) as ada:
        for kind in (("json", "notebook"), ("text", "file")):
            status, answer = quick.session(other, *kind)
            assert (status, answer["code"]) == (409, "open_otherwise") and "Close" in answer["message"]
        ada.cells[0]["source"].insert(0, "x")
        await ada.until(lambda: ada.is_logged)
    await until(lambda: quick.session(other)[0] == 200, "nobody has it open any more, as soon as the server knows it")
    async with LiveClient(quick, other) as grace:
        assert grace.sources[0] == "xa = 1", "what was typed is in the file first"
        assert quick.session(notebook)[0] == 409


async def test_a_file_in_a_linked_folder_is_refused_while_it_is_open(quick: LiveServer, name: str) -> None:
    (quick.work / name).mkdir()
    (quick.work / name / "a.txt").write_text("one\n")
    os.symlink(quick.work / name, quick.work / f"{name}-link")
    async with LiveClient(quick, f"{name}-link/a.txt", "text", "file"):
        assert quick.session(f"{name}/a.txt", "text", "file")[1]["code"] == "open_otherwise"
