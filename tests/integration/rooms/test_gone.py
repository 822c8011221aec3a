"""Files that are renamed, moved or deleted while they are open, through Jupyter or on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, sources, write


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


@pytest.mark.parametrize("by", ["disk", "jupyter"])
async def test_a_file_in_a_renamed_folder_is_followed(quick: LiveServer, name: str, by: str) -> None:
    old, new = quick.work / name / "deep", quick.work / f"{name}-renamed"
    old.mkdir(parents=True)
    (old / "a.txt").write_text("one\n")
    async with LiveClient(quick, f"{name}/deep/a.txt", "text", "file") as ada:
        if by == "disk":
            os.rename(old.parent, new)
        else:
            assert quick.request("PATCH", f"api/contents/{name}", {"path": new.name})[0] == 200
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.state["path"] == f"{new.name}/deep/a.txt")
        async with LiveClient(quick, f"{new.name}/deep/a.txt", "text", "file") as grace:
            assert grace.session == ada.session
        await ada.until(lambda: ada.is_saved and (new / "deep" / "a.txt").read_text() == "xone\n")
        assert not old.parent.exists(), "nothing is written to the old path"
        assert not [notice for notice in ada.notices if notice.get("file") == "failed"]


def as_if_new(old: Path, new: Path, content: str, *, same_time: bool) -> None:
    """Delete `old` and make `new` with the same inode, as ext4 often does. Elsewhere that cannot be had by deleting."""
    before = old.stat()
    os.rename(old, new)
    new.write_text(content)
    assert new.stat().st_ino == before.st_ino
    if same_time:
        os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("content", ["other\n", "ENO\nOWT\n"], ids=["other-size", "same-size"])
@pytest.mark.parametrize("same_time", [False, True], ids=["later", "same-time"])
async def test_a_new_file_with_the_inode_of_a_deleted_one_is_another(
    quick: LiveServer, text: str, content: str, same_time: bool
) -> None:
    old, new = quick.work / text, quick.work / f"new-{text}"
    async with LiveClient(quick, text, "text", "file") as ada:
        as_if_new(old, new, content, same_time=same_time)
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        async with LiveClient(quick, new.name, "text", "file") as grace:
            assert grace.session != ada.session and str(grace.text) == content
        assert (ada.state["path"], str(ada.text)) == (text, "xone\ntwo\n")
        assert (await ada.save())["status"] == "success"
        assert (old.read_text(), new.read_text()) == ("xone\ntwo\n", content)


async def test_a_notebook_that_git_replaces_by_another_is_gone(quick: LiveServer, name: str) -> None:
    """Git deletes the one and writes the other, which gets its inode where the file system does so."""
    repository = quick.work / name
    repository.mkdir()
    git = partial(subprocess.run, cwd=repository, check=True, capture_output=True)
    commit = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@localhost", "commit", "-qm", "any")
    git(("git", "init", "-q"))
    for branch, file in (("one", "old.ipynb"), ("two", "new.ipynb")):
        git(("git", "checkout", "-q", "--orphan", branch))
        git(("git", "rm", "-rfq", "--ignore-unmatch", "."))
        write(repository / file, code(f"{branch} = 1", branch))
        git(("git", "add", "."))
        git(commit)
    git(("git", "checkout", "-q", "one"))
    async with LiveClient(quick, f"{name}/old.ipynb") as ada:
        ada.cells[0]["source"].insert(0, "mine\n")
        await ada.until(lambda: ada.is_saved)
        git(("git", "checkout", "-qf", "two"))
        ada.cells[0]["source"].insert(0, "unsaved\n")
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        assert ada.sources == ["unsaved\nmine\none = 1"]
        assert sources(repository / "new.ipynb") == ["two = 1"]


async def test_a_file_renamed_over_another_document_is_not_followed(quick: LiveServer, text: str) -> None:
    """That file has a document already, and gets no second one."""
    old, new = quick.work / text, quick.work / f"new-{text}"
    new.write_text("three\n")
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, new.name, "text", "file") as grace:
        os.rename(old, new)
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.latest("state")["code"] == "file_missing")
        await grace.until(lambda: str(grace.text) == "one\ntwo\n")
        assert ada.state["path"] == text and not old.exists()
        assert (await ada.save())["status"] == "success"
        old.write_text(old.read_text() + "four\n")
        await ada.until(lambda: str(ada.text) == "xone\ntwo\nfour\n")
        assert new.read_text() == "one\ntwo\n"


@pytest.mark.parametrize("is_open", [False, True])
async def test_a_file_renamed_to_the_name_of_a_deleted_one_takes_its_place(
    quick: LiveServer, text: str, is_open: bool
) -> None:
    old, new = quick.work / text, quick.work / f"new-{text}"
    new.write_text("three\n")
    grace = await LiveClient(quick, new.name, "text", "file").open()
    if not is_open:
        await grace.close()
    async with LiveClient(quick, text, "text", "file") as ada:
        new.unlink()
        assert quick.request("PATCH", f"api/contents/{text}", {"path": new.name})[0] == 200
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved and new.exists() and new.read_text() == "xone\ntwo\n")
        if is_open:
            await grace.until(lambda: grace.latest("state")["code"] == "open_otherwise")
            grace.text.insert(0, "g")
            assert (await grace.save())["status"] == "failed"
            assert (str(grace.text), new.read_text()) == ("gthree\n", "xone\ntwo\n"), "no file has two documents"
            await grace.close()
        assert not old.exists()
        async with LiveClient(quick, new.name, "text", "file") as john:
            assert john.session == ada.session


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
