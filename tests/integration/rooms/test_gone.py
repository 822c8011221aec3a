"""Files that are renamed, moved or deleted while they are open, through Jupyter or on disk."""

from __future__ import annotations

import os
import shutil

from jupyter_live.testing import LiveClient, LiveServer


async def test_a_file_renamed_on_disk_is_followed(quick: LiveServer, text: str) -> None:
    old = quick.work / text
    new = old.with_name(f"renamed-{text}")
    async with LiveClient(quick, text, "text", "file") as ada:
        os.rename(old, new)
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.state["path"] == new.name)
        await ada.until(lambda: ada.is_saved and new.read_text() == "xone\ntwo\n")
        assert not old.exists(), "nothing is written to the old path"
        assert not [notice for notice in ada.notices if notice.get("file") == "failed"]
        async with LiveClient(quick, new.name, "text", "file") as grace:
            assert grace.session == ada.session


async def test_a_file_moved_on_disk_to_another_folder_is_followed(quick: LiveServer, text: str) -> None:
    old = quick.work / text
    folder = quick.work / f"folder-{old.stem}" / "deeper"
    folder.mkdir(parents=True)
    async with LiveClient(quick, text, "text", "file") as ada:
        shutil.move(old, folder / text)
        await ada.until(lambda: ada.state["path"] == f"{folder.parent.name}/deeper/{text}")
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert (folder / text).read_text() == "xone\ntwo\n" and not old.exists()


async def test_a_deleted_file_is_told_and_not_made_again_until_somebody_asks(quick: LiveServer, text: str) -> None:
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, text, "text", "file") as grace:
        file.unlink()
        for client in (ada, grace):
            await client.until(lambda client=client: client.latest("state")["code"] == "file_missing")  # type: ignore[misc]
        ada.text.insert(0, "x")
        await grace.until(lambda: str(grace.text) == "xone\ntwo\n")
        await ada.until(lambda: ada.is_logged)
        assert not file.exists() and not ada.is_saved
        assert (await grace.save())["status"] == "success"
        assert file.read_text() == "xone\ntwo\n"
        await ada.until(lambda: ada.is_saved and ada.latest("state")["file"] == "saved")


async def test_a_file_deleted_through_jupyter_is_told_and_can_be_written_again(quick: LiveServer, text: str) -> None:
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        assert quick.request("DELETE", f"api/contents/{text}")[0] == 204
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        ada.text.insert(0, "x")
        assert (await ada.save())["status"] == "success"
        assert file.read_text() == "xone\ntwo\n"


async def test_a_file_deleted_and_made_again_is_merged(quick: LiveServer, text: str) -> None:
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        file.unlink()
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        file.write_text("one\ntwo\nthree\n")
        await ada.until(lambda: ada.is_saved and ada.latest("state")["file"] == "saved")
        assert file.read_text() == str(ada.text) == "xone\ntwo\nthree\n"


async def test_one_file_is_one_document(quick: LiveServer, notebook: str) -> None:
    """Opened as a notebook, it is refused as text with a reason, until nobody has the notebook any more."""
    async with LiveClient(quick, notebook) as ada:
        status, answer = quick.session(notebook, "text", "file")
        assert (status, answer["code"]) == (409, "open_otherwise") and "Close" in answer["message"]
        ada.cells[0]["source"].insert(0, "x")
        await ada.until(lambda: ada.is_logged)
    async with LiveClient(quick, notebook, "text", "file") as grace:
        assert "xa = 1" in str(grace.text), "what was typed is in the file first"
        assert quick.session(notebook)[0] == 409
