"""When a file is saved, what clients are told of it, and what happens when it cannot be."""

import asyncio
from pathlib import Path

import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .people import equip


def lazy_text(lazy: LiveServer, name: str, content: str = "one\n") -> tuple[str, Path]:
    """A text file on the lazy server: its path to clients, and on disk."""
    file = lazy.work / f"{name}.txt"
    file.write_text(content)
    return file.name, file


async def test_a_change_is_received_then_logged_then_saved(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        await ada.until(lambda: ada.is_saved)
        ada.notices.clear()
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        acks = [notice for notice in ada.notices if notice["type"] == "ack"]
        counts = [(ack["received"], ack["logged"], ack["saved"]) for ack in acks]
        assert all(received >= logged >= saved for received, logged, saved in counts), counts
        assert counts == sorted(counts) and counts[-1] == (ada.sent,) * 3
        assert any(logged > saved for _, logged, saved in counts), "it was in the log before it was in the file"
        states = [notice["file"] for notice in ada.notices if notice["type"] == "state"]
        assert states == ["unsaved", "saved"]
        assert (quick.work / text).read_text() == "xone\ntwo\n"


async def test_everyone_is_told_of_their_own_frames(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, text, "text", "file") as grace:
        for n in range(20):
            ada.text.insert(0, "a")
            if n % 4 == 0:
                grace.text.insert(0, "g")
        await ada.until(lambda: ada.is_saved and grace.is_saved)
        assert ada.sent > grace.sent


async def test_who_joins_is_told_how_the_file_fares(lazy: LiveServer, name: str) -> None:
    path, _ = lazy_text(lazy, name)
    async with LiveClient(lazy, path, "text", "file") as ada:
        assert ada.latest("state") == {"type": "state", "file": "saved", "log": "ok", "code": None, "message": None}
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_logged)
        async with LiveClient(lazy, path, "text", "file") as grace:
            assert grace.latest("state")["file"] == "unsaved"
            assert str(grace.text) == "xone\n"


async def test_a_save_request_is_answered_when_the_file_is_on_disk(lazy: LiveServer, name: str) -> None:
    path, file = lazy_text(lazy, name)
    async with LiveClient(lazy, path, "text", "file") as ada:
        ada.text.insert(0, "x")
        assert await ada.save(300) == {"type": "save", "responseTo": 300, "status": "success"}
        assert file.read_text() == "xone\n"
        await ada.until(lambda: ada.is_saved)
        assert (await ada.save(301))["status"] == "skipped"


async def test_save_requests_at_once_are_each_answered(lazy: LiveServer, name: str) -> None:
    path, file = lazy_text(lazy, name)
    async with LiveClient(lazy, path, "text", "file") as ada, LiveClient(lazy, path, "text", "file") as grace:
        ada.text.insert(0, "x")
        grace.text.insert(0, "y")
        answers = await asyncio.gather(*(client.save(n) for n in range(10) for client in (ada, grace)))
        assert {answer["status"] for answer in answers} == {"success", "skipped"}
        await ada.until(lambda: ada.is_saved and grace.is_saved)
        assert file.read_text() == str(ada.text) and "x" in file.read_text() and "y" in file.read_text()


async def test_the_last_one_to_leave_has_the_file_saved_at_once(lazy: LiveServer, name: str) -> None:
    path, file = lazy_text(lazy, name)
    ada = await LiveClient(lazy, path, "text", "file").open()
    async with LiveClient(lazy, path, "text", "file") as grace:
        ada.text.insert(0, "x")
        await grace.until(lambda: "x" in str(grace.text))
        await ada.close()
        await grace.until(lambda: ada.closed)
        assert file.read_text() == "one\n", "somebody is still there"
    await ada.until(lambda: file.read_text() == "xone\n")


async def test_the_last_one_to_be_cut_off_has_the_file_saved_at_once(lazy: LiveServer, name: str) -> None:
    path, file = lazy_text(lazy, name)
    ada = await LiveClient(lazy, path, "text", "file").open()
    ada.text.insert(0, "x")
    await ada.until(lambda: ada.is_logged)
    await ada.cut()
    await ada.until(lambda: file.read_text() == "xone\n")


async def test_a_file_is_saved_while_changes_keep_coming(tmp_path: Path) -> None:
    """The quiet time never comes: only the longest time that a change may wait can save it."""
    with LiveServer(tmp_path, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=0.5") as server:
        file = server.work / "a.txt"
        file.write_text("\n")
        async with LiveClient(server, "a.txt", "text", "file") as ada:
            for round in range(1, 4):
                saved = ada.latest("ack")["saved"]
                typing = asyncio.create_task(type_on(ada))
                await ada.until(lambda saved=saved: ada.latest("ack")["saved"] > saved)  # type: ignore[misc]
                typing.cancel()
                assert file.read_text().count("x") > 0, f"round {round}"
            await ada.until(lambda: ada.is_saved)
            assert file.read_text() == str(ada.text)


async def type_on(client: LiveClient) -> None:
    while True:
        client.text.insert(0, "x")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("mood", "code"), [("full", "disk_full"), ("read-only", "file_read_only"), ("unreachable", "save_failed")]
)
async def test_what_cannot_be_saved_is_said_kept_and_saved_later_by_itself(
    quick: LiveServer, text: str, mood: str, code: str
) -> None:
    file, trouble = quick.work / text, quick.work / f"{text}.mood"
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, text, "text", "file") as grace:
        trouble.write_text(mood)
        ada.text.insert(0, "x")
        for client in (ada, grace):
            await client.until(lambda client=client: client.latest("state")["file"] == "failed")  # type: ignore[misc]
            assert client.latest("state")["code"] == code and client.latest("state")["message"]
        answer = await ada.save()
        assert answer["status"] == "failed" and answer["code"] == code and answer["message"]
        await ada.until(lambda: ada.is_logged)
        assert not ada.is_saved and file.read_text() == "one\ntwo\n"
        grace.text.insert(0, "y")
        await ada.until(lambda: "y" in str(ada.text))  # work goes on meanwhile
        trouble.unlink()
        await ada.until(lambda: ada.is_saved and grace.is_saved)
        assert ada.latest("state") == {"type": "state", "file": "saved", "log": "ok", "code": None, "message": None}
        assert file.read_text() == str(ada.text)
    assert code in quick.log()


async def test_a_folder_in_place_of_the_file_is_a_failure_with_a_code(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        (quick.work / text).unlink()
        (quick.work / text).mkdir()
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.latest("state")["file"] == "failed")
        answer = await ada.save()
        assert answer["status"] == "failed" and answer["code"] in ("is_directory", "file_changed", "save_failed")


async def test_a_document_that_is_no_notebook_any_more_is_told_and_saved_once_it_is(
    quick: LiveServer, notebook: str
) -> None:
    """A client with a bug writes what no notebook can hold."""
    async with LiveClient(quick, notebook) as ada, LiveClient(quick, notebook) as grace:
        ada.cells.append("no cell at all")
        await grace.until(lambda: grace.latest("state")["file"] == "failed")
        assert grace.latest("state")["code"] == "save_failed"
        assert (await grace.save())["status"] == "failed"
        del grace.cells[2]
        await grace.until(lambda: ada.is_saved and grace.is_saved)
        assert ada.closed is None and grace.closed is None


async def test_a_contents_manager_without_hashes_and_coroutines_will_do(tmp_path: Path) -> None:
    from .people import Plain

    equip(tmp_path, Plain)
    with LiveServer(tmp_path, "--LiveApp.save_delay=0.2") as server:
        (server.work / "a.txt").write_text("one\r\n")
        async with LiveClient(server, "a.txt", "text", "file") as ada:
            ada.text.insert(0, "x")
            await ada.until(lambda: ada.is_saved)
            assert (server.work / "a.txt").read_bytes() == b"xone\r\n"
            assert (await ada.save(1))["status"] == "skipped"
            (server.work / "a.txt").write_text("xone\ntwo\n")
            ada.text.insert(0, "y")
            await ada.until(lambda: str(ada.text) == "yxone\ntwo\n" and ada.is_saved)
            assert (server.work / "a.txt").read_text() == str(ada.text)
