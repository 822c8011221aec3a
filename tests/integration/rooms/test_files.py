"""What a file is like after people have worked on it: theirs, and otherwise as it was."""

import json
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, markdown, write

RICH_OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
    {"output_type": "display_data", "data": {"text/html": ["<b>x</b>"]}, "metadata": {"theirs": {"zoom": [1, 2.5]}}},
    {
        "output_type": "execute_result",
        "execution_count": 3,
        "data": {"application/vnd.theirs+json": {"deep": {"er": [None, True, "😀"]}}, "text/plain": ["3"]},
        "metadata": {"isolated": True},
    },
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
]


def rich(path: Path, minor: int = 5) -> None:
    """A notebook with metadata of other programs at every level."""
    ids = [f"cell-{n}" if minor >= 5 else None for n in range(4)]
    tags = {"tags": ["a"], "theirs": {"collapsed": {"why": "😀", "n": 1.5}}}
    attached = {**markdown("# ü\n\n![x](attachment:x.png)", ids[1]), "attachments": {"x.png": {"image/png": "aGk="}}}
    write(
        path,
        code("print(1)\nprint(2)", ids[0], RICH_OUTPUTS, **tags),
        attached,
        {"cell_type": "raw", "metadata": {"format": "text/x"}, "source": ["raw"]} | ({"id": ids[2]} if ids[2] else {}),
        code("", ids[3]),
        minor=minor,
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python", "version": "3.11", "theirs": 1},
        theirs={"any": ["thing", {"deep": None}]},
    )


@pytest.mark.parametrize("minor", [4, 5])
async def test_a_notebook_that_nobody_changed_is_untouched(quick: LiveServer, name: str, minor: int) -> None:
    file = quick.work / f"{name}.ipynb"
    rich(file, minor)
    before = file.read_bytes(), file.stat().st_mtime_ns
    async with LiveClient(quick, file.name) as ada:
        assert (await ada.save())["status"] == "skipped"
    async with LiveClient(quick, file.name) as ada:
        assert (await ada.save())["status"] == "skipped"
        assert len(ada.sources) == 4
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


@pytest.mark.parametrize("minor", [4, 5])
async def test_a_change_in_a_notebook_changes_nothing_else(quick: LiveServer, name: str, minor: int) -> None:
    file = quick.work / f"{name}.ipynb"
    rich(file, minor)
    expected = json.loads(file.read_text())
    expected["cells"][3]["source"] = ["x = 1"]
    async with LiveClient(quick, file.name) as ada:
        source = ada.cells[3]["source"]
        source += "x = 1"
        await ada.until(lambda: ada.is_saved)
    assert json.loads(file.read_text()) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["unix", "windows", "mac"])
async def test_text_keeps_its_line_endings(quick: LiveServer, name: str, newline: str) -> None:
    file = quick.work / f"{name}.txt"
    content = f"one{newline}ü 😀{newline}{newline}three".encode()
    file.write_bytes(content)
    before = file.stat().st_mtime_ns
    async with LiveClient(quick, file.name, "text", "file") as ada:
        assert str(ada.text) == "one\nü 😀\n\nthree"
        assert (await ada.save())["status"] == "skipped"
        assert (file.read_bytes(), file.stat().st_mtime_ns) == (content, before)
        ada.text.insert(0, "zero\n")
        await ada.until(lambda: ada.is_saved)
    assert file.read_bytes() == f"zero{newline}".encode() + content


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"no newline", b"\xef\xbb\xbfwith a mark", b"\x00nul", "\u2028\x85\x0b".encode()]
)
async def test_odd_text_comes_back_as_it_was(quick: LiveServer, name: str, content: bytes) -> None:
    file = quick.work / f"{name}.txt"
    file.write_bytes(content)
    async with LiveClient(quick, file.name, "text", "file") as ada:
        end = len(str(ada.text).encode())
        ada.text.insert(end, "!")
        await ada.until(lambda: ada.is_saved)
        assert file.read_bytes() == content + b"!"
        del ada.text[end : end + 1]
        await ada.until(lambda: ada.is_saved)
    assert file.read_bytes() == content


async def test_an_empty_notebook_gets_a_first_cell(quick: LiveServer, name: str) -> None:
    file = quick.work / f"{name}.ipynb"
    write(file)
    before = file.read_bytes()
    async with LiveClient(quick, file.name) as ada, LiveClient(quick, file.name) as grace:
        assert ada.sources == grace.sources == [""]
        assert (await ada.save())["status"] == "skipped" and file.read_bytes() == before
        source = grace.cells[0]["source"]
        source += "x"
        await grace.until(lambda: grace.is_saved)
    (cell,) = json.loads(file.read_text())["cells"]
    assert cell["source"] == ["x"]


@pytest.mark.parametrize("kind", ["text", "notebook"])
async def test_the_documents_state_tells_what_jupyterlab_asks_for(quick: LiveServer, name: str, kind: str) -> None:
    """`hash` equal to that of the contents API, or JupyterLab says "File Changed"; never dirty once saved."""
    if kind == "text":
        file = quick.work / f"{name}.txt"
        file.write_text("one\n")
        ada = await LiveClient(quick, file.name, "text", "file").open()
    else:
        file = quick.work / f"{name}.ipynb"
        rich(file)
        ada = await LiveClient(quick, file.name).open()

    def is_true() -> bool:
        _, model = quick.request("GET", f"api/contents/{file.name}?content=0&hash=1")
        return bool(model["hash"] and ada.state == {"path": file.name, "hash": model["hash"], "dirty": False})

    await ada.until(is_true)
    for n in range(3):
        if kind == "text":
            ada.text.insert(0, f"{n}")
        else:
            ada.add_cell(n, f"{n}", f"new-{n}")
        ada.doc.get("state", type=pycrdt.Map)["dirty"] = True  # as JupyterLab's own models do
        await ada.until(lambda: ada.is_saved)
        await ada.until(is_true)
    await ada.close()


async def test_files_in_folders_with_odd_names(quick: LiveServer, name: str) -> None:
    folder = quick.work / "ä folder 100%" / "with #, ? & +"
    folder.mkdir(parents=True)
    (folder / "fi le;é😀.txt").write_text("one\n")
    path = "ä folder 100%/with #, ? & +/fi le;é😀.txt"
    async with LiveClient(quick, path, "text", "file") as ada:
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert ada.state["path"] == path
    assert (folder / "fi le;é😀.txt").read_text() == "xone\n"


async def test_a_renamed_file_is_saved_under_its_new_name(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        status, _ = quick.request("PATCH", f"api/contents/{text}", {"path": f"renamed-{text}"})
        assert status == 200
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert (quick.work / f"renamed-{text}").read_text() == "xone\ntwo\n" and not (quick.work / text).exists()
        await ada.until(lambda: ada.state["path"] == f"renamed-{text}")
