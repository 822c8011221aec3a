"""Files that others change while they are open: git, an editor, papermill. Merged, and nobody's edit lost."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, markdown, sources, write

Cells = list[dict[str, Any]]


def lines(file: Path, *texts: str) -> None:
    file.write_text("".join(f"{text}\n" for text in texts))


async def test_a_change_is_merged_line_by_line_with_what_is_not_saved_yet(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    lines(file, "one", "two", "three", "four")
    async with LiveClient(lazy, file.name, "text", "file") as ada:
        ada.text.insert(0, "ada: ")
        cursor = ada.text.sticky_index(len("ada: one\ntwo\nthr"), pycrdt.Assoc.AFTER)
        await ada.until(lambda: ada.is_logged)
        lines(file, "one", "two", "three", "four, changed", "five 😀")
        await ada.until(lambda: str(ada.text) == "ada: one\ntwo\nthree\nfour, changed\nfive 😀\n")
        assert cursor.get_index() == len("ada: one\ntwo\nthr"), "the cursor stays where it was"
        await ada.until(lambda: ada.latest("merged"))
        assert ada.latest("merged")["conflicts"] == []
        assert (await ada.save())["status"] == "success"
        assert file.read_text() == str(ada.text)


async def test_both_versions_of_a_line_are_kept_and_everyone_is_told(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    lines(file, "a = 0", "b = 0")
    async with (
        LiveClient(lazy, file.name, "text", "file") as ada,
        LiveClient(lazy, file.name, "text", "file") as grace,
    ):
        ada.text.insert(4, "1")
        await ada.until(lambda: ada.is_logged)
        lines(file, "a = 2", "b = 0")
        await ada.until(lambda: ada.latest("merged"))
        await grace.until(lambda: grace.latest("merged"))
        await grace.until(lambda: str(grace.text) == str(ada.text) == "a = 10\na = 2\nb = 0\n")
        assert [conflict["line"] for conflict in grace.latest("merged")["conflicts"]] == [1]
        conflict = ada.latest("merged")["conflicts"][0]
        assert ("a = 10" in conflict["theirs"], "a = 2" in conflict["mine"]) == (True, True)
        await ada.save()
        assert file.read_text() == str(ada.text)


async def test_saving_merges_first_when_the_file_was_changed_a_moment_ago(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    lines(file, "one", "two")
    async with LiveClient(lazy, file.name, "text", "file") as ada:
        for n in range(5):
            ada.text.insert(0, "x")
            lines(file, *file.read_text().splitlines(), f"outside {n}")
            assert (await ada.save(n + 1))["status"] == "success"
            assert file.read_text() == "x" * (n + 1) + "one\ntwo\n" + "".join(f"outside {k}\n" for k in range(n + 1))
        await ada.until(lambda: str(ada.text) == file.read_text())


def in_another_cell(cells: Cells) -> Cells:
    return [cells[0], cells[1] | {"source": ["b = 3"]}, *cells[2:]]


def reordered(cells: Cells) -> Cells:
    return [*cells[1:], cells[0]]


def reversed_(cells: Cells) -> Cells:
    return cells[::-1]


def run(cells: Cells) -> Cells:
    output = {"name": "stdout", "output_type": "stream", "text": ["done\n"]}
    return [cells[0] | {"outputs": [output], "execution_count": 7}, *cells[1:]]


def with_metadata(cells: Cells) -> Cells:
    return [cells[0] | {"metadata": {"tags": ["x"]}}, *cells[1:]]


def with_a_new_cell(cells: Cells) -> Cells:
    return [markdown("new", "new"), *cells]


def with_other_ids(cells: Cells) -> Cells:
    return [cell | {"id": f"other-{n}"} for n, cell in enumerate(cells)]


@pytest.mark.parametrize(
    "change", [in_another_cell, reordered, reversed_, run, with_metadata, with_a_new_cell, with_other_ids]
)
async def test_an_unsaved_edit_in_a_cell_survives_what_is_done_to_the_notebook(
    lazy: LiveServer, name: str, change: Callable[[Cells], Cells]
) -> None:
    file = lazy.work / f"{name}.ipynb"
    before = [code("a = 1", "first"), code("b = 2", "second"), markdown("# three", "third")]
    write(file, *before)
    async with LiveClient(lazy, file.name) as ada, LiveClient(lazy, file.name) as grace:
        ada.cells[0]["source"].insert(5, "  # ada")
        await ada.until(lambda: ada.is_logged)
        write(file, *change(before))
        await ada.until(lambda: ada.latest("merged") or change is with_other_ids)
        expected = [s.replace("a = 1", "a = 1  # ada") for s in sources(file)]
        await grace.until(lambda: ada.sources == grace.sources == expected)
        assert (await ada.save())["status"] == "success"
        assert sources(file) == expected
        after = json.loads(file.read_text())["cells"]
        assert len({cell["id"] for cell in after}) == len(after)
        by_source = {"".join(cell["source"]): cell for cell in after}
        for cell in change(before):
            kept = by_source["".join(cell["source"]).replace("a = 1", "a = 1  # ada")]
            assert {key: kept.get(key) for key in ("outputs", "metadata", "execution_count")} == {
                key: cell.get(key) for key in ("outputs", "metadata", "execution_count")
            }


async def test_a_notebook_without_ids_is_merged_by_likeness(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.ipynb"
    write(file, code("a = 1"), code("b = 2"), code("c = 3"), minor=4)
    async with LiveClient(lazy, file.name) as ada:
        ids = [cell["id"] for cell in ada.cells]
        ada.cells[0]["source"].insert(5, "  # ada")
        await ada.until(lambda: ada.is_logged)
        write(file, code("a = 1"), code("b = 22"), code("c = 3"), code("d = 4"), minor=4)
        await ada.until(lambda: ada.sources == ["a = 1  # ada", "b = 22", "c = 3", "d = 4"])
        assert [cell["id"] for cell in ada.cells][:3] == ids, "the same cells, not new ones"


async def test_a_notebook_that_is_upgraded_keeps_its_cells(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.ipynb"
    write(file, code("a = 1"), code("b = 2"), minor=4)
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[1]["source"].insert(0, "ada ")
        await ada.until(lambda: ada.is_logged)
        write(file, code("a = 1", "x1"), code("b = 2", "x2"), minor=5)
        await ada.until(lambda: ada.doc.get("meta", type=pycrdt.Map)["nbformat_minor"] == 5)
        assert ada.sources == ["a = 1", "ada b = 2"]
        assert (await ada.save())["status"] == "success"
        assert json.loads(file.read_text())["nbformat_minor"] == 5


async def test_a_file_that_is_half_written_is_waited_for(quick: LiveServer, notebook: str) -> None:
    file = quick.work / notebook
    whole = file.read_text().replace("b = 2", "b = 22")
    async with LiveClient(quick, notebook) as ada:
        for end in (20, len(whole) // 2, len(whole) - 3):
            file.write_text(whole[:end])
            ada.cells[0]["source"].insert(0, "x")
        await ada.until(lambda: ada.is_logged)
        file.write_text(whole)
        await ada.until(lambda: ada.sources == ["xxxa = 1", "b = 22"])
        await ada.until(lambda: ada.is_saved and sources(file) == ada.sources)
        assert not [notice for notice in ada.notices if notice.get("file") == "failed"]


@pytest.mark.parametrize("pause", [0.15, 0.4])
@pytest.mark.parametrize("first", [0, 100])
async def test_what_is_typed_while_a_text_is_half_written_is_kept(
    quick: LiveServer, text: str, first: int, pause: float
) -> None:
    """Half a text is as good a text as any other: only time tells that it is not what was to be written."""
    file = quick.work / text
    lines(file, *(f"line {n}" for n in range(40)))
    async with LiveClient(quick, text, "text", "file") as ada:
        for n in range(3):
            whole = file.read_text().replace("line 30", f"line 30 outside {n}")
            with file.open("w") as out:
                for part in (whole[:first], whole[first:200], whole[200:]):
                    out.write(part)
                    out.flush()
                    ada.text.insert(str(ada.text).index("line 35"), f"ada {n} ")
                    await asyncio.sleep(pause)
            expected = whole.replace("line 35", f"ada {n} " * 3 + "line 35")
            await ada.until(lambda: ada.is_saved and str(ada.text) == file.read_text())
            assert str(ada.text) == expected


async def test_a_save_on_request_waits_for_who_writes(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    whole = "".join(f"line {n}\n" for n in range(40))
    file.write_text(whole)
    async with LiveClient(lazy, file.name, "text", "file") as ada:
        ada.text.insert(0, "ada\n")
        with file.open("w") as out:
            save = asyncio.create_task(ada.save())
            for start in range(0, len(whole), 50):
                out.write(whole[start : start + 50])
                out.flush()
                await asyncio.sleep(0.3)
                assert file.read_text() == whole[: start + 50], "nobody wrote over it"
        assert (await save)["status"] == "success"
        assert file.read_text() == str(ada.text) == "ada\n" + whole


async def test_a_file_that_is_never_left_alone_is_saved_all_the_same(tmp_path: Path) -> None:
    """A log, for one. Whoever asks for a save gets an answer, and the server can stop."""
    with LiveServer(tmp_path, "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600") as server:
        file = server.work / "a.log"
        file.write_text("start\n")
        writing = asyncio.create_task(write_on(file))
        try:
            async with LiveClient(server, "a.log", "text", "file") as ada:
                ada.text.insert(0, "first ")
                assert (await ada.save())["status"] == "success"
                assert file.read_text().startswith("first start\n")
                await ada.until(lambda: "entry 50" in str(ada.text))
                ada.text.insert(0, "second ")
                await ada.until(lambda: ada.is_logged)
                await asyncio.to_thread(server.stop)
            assert file.read_text().startswith("second first start\n")
        finally:
            writing.cancel()


async def write_on(file: Path) -> None:
    """As a program does that writes a log."""
    for n in itertools.count():
        with file.open("a") as out:
            out.write(f"entry {n}\n")
        await asyncio.sleep(0.3)


async def test_a_file_that_stays_broken_is_told_and_set_aside_on_request(quick: LiveServer, notebook: str) -> None:
    file = quick.work / notebook
    broken = file.read_text().replace('"cells"', '<<<<<<< HEAD\n"cells"')
    async with LiveClient(quick, notebook) as ada:
        file.write_text(broken)
        ada.cells[0]["source"].insert(0, "x")
        await ada.until(lambda: ada.latest("state").get("code") == "file_unreadable")
        assert file.read_text() == broken, "somebody may be about to mend it"
        assert (await ada.save())["status"] == "success"
        assert sources(file) == ["xa = 1", "b = 2"]
        copies = [path.read_text() for path in file.parent.glob(f"{file.stem} replaced *")]
        assert copies == [broken]
        await ada.until(lambda: ada.latest("state")["file"] == "saved")


async def test_a_notebook_that_is_cut_to_nothing_is_written_again(quick: LiveServer, notebook: str) -> None:
    file = quick.work / notebook
    async with LiveClient(quick, notebook) as ada:
        file.write_text("")
        await ada.until(lambda: file.stat().st_size and sources(file) == ada.sources == ["a = 1", "b = 2"])


async def test_a_file_that_is_replaced_in_one_step_is_merged(quick: LiveServer, text: str) -> None:
    """As editors do that write a new file and rename it."""
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        new = file.with_suffix(".new")
        new.write_text("one\ntwo\nthree\n")
        os.replace(new, file)
        await ada.until(lambda: str(ada.text) == "one\ntwo\nthree\n")
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert file.read_text() == "xone\ntwo\nthree\n"


async def test_windows_line_ends_come_and_go(quick: LiveServer, text: str) -> None:
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        file.write_bytes(b"one\r\ntwo\r\nthree\r\n")
        await ada.until(lambda: str(ada.text) == "one\ntwo\nthree\n")
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert file.read_bytes() == b"xone\r\ntwo\r\nthree\r\n"


async def test_nothing_is_said_or_written_when_a_file_is_only_touched(quick: LiveServer, text: str) -> None:
    file = quick.work / text
    async with LiveClient(quick, text, "text", "file") as ada:
        await ada.until(lambda: ada.is_saved)
        os.utime(file, (1, 1))
        looks = ada.latest("saved")["save"]
        await ada.until(lambda: ada.latest("saved")["save"] > looks)  # it has been looked at
        assert file.stat().st_mtime == 1 and not ada.latest("merged")


async def test_who_comes_while_a_touched_file_is_looked_at_hears_that_it_is_saved(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.txt"
    lines(file, "one")
    async with LiveClient(lazy, file.name, "text", "file") as ada:
        ada.text.insert(0, "x")
        await ada.save()
        await ada.until(lambda: ada.latest("state")["file"] == "saved")
        os.utime(file, (1, 1))  # written again, with the same content
        said = "saved"
        while said == "saved":  # until the server has seen it
            async with LiveClient(lazy, file.name, "text", "file") as grace:
                said = grace.latest("state")["file"]
                if said == "unsaved":
                    await ada.save()
                    await grace.until(lambda: grace.latest("state")["file"] == "saved")
