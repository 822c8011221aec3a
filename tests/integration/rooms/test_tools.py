"""Real programs that write notebooks which people have open: git, nbconvert, papermill, jupytext."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from jupyter_live.testing import LiveClient, LiveServer

from .notebooks import code, sources, write

TIMEOUT = 120  # seconds that a program may take; most of it is the start of a kernel


async def run(folder: Path, *command: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr


async def tool(folder: Path, *command: str) -> None:
    await run(folder, sys.executable, "-m", *command)


def printed(client: LiveClient, cell: int) -> str:
    """All that a cell has printed."""
    outputs = client.cells[cell]["outputs"].to_py() or []
    return "".join("".join(output.get("text", "")) for output in outputs)


async def settled(client: LiveClient, file: Path) -> None:
    """The file has what the document has."""
    assert (await client.save())["status"] in ("success", "skipped")
    await client.until(lambda: client.is_saved)
    assert sources(file) == client.sources


async def test_git_checks_out_another_branch(lazy: LiveServer, name: str) -> None:
    folder = lazy.work / name
    folder.mkdir()
    file = folder / "n.ipynb"
    write(file, code("a = 1\nb = 2", "first"), code("c = 3", "second"))
    git = "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"], ["checkout", "-qb", "other"]):
        await run(folder, *git, *command)
    write(file, code("new = 0", "new"), code("a = 1\nb = 22", "first"), code("c = 3", "second"))
    await run(folder, *git, "commit", "-qam", "two")
    await run(folder, *git, "checkout", "-q", "-")
    async with LiveClient(lazy, f"{name}/n.ipynb") as ada:
        ada.cells[0]["source"].insert(0, "live = 0\n")
        await ada.until(lambda: ada.is_logged)
        await run(folder, *git, "checkout", "-q", "other")
        await ada.until(lambda: ada.sources == ["new = 0", "live = 0\na = 1\nb = 22", "c = 3"])
        await settled(ada, file)


async def test_nbconvert_executes_in_place(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.ipynb"
    write(file, code("print('ran', 6 * 7)", "first"), code("c = 3", "second"))
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[1]["source"].insert(0, "live = 0\n")
        await tool(lazy.work, "jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace", file.name)
        await ada.until(lambda: printed(ada, 0) == "ran 42\n")
        assert ada.sources == ["print('ran', 6 * 7)", "live = 0\nc = 3"]
        await settled(ada, file)


async def test_papermill_runs_it_onto_itself(lazy: LiveServer, name: str) -> None:
    file = lazy.work / f"{name}.ipynb"
    write(file, code("n = 1", "first", tags=["parameters"]), code("print('ran', n)", "second"), code("c = 3", "third"))
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[2]["source"].insert(0, "live = 0\n")
        command = (
            "papermill",
            "-k",
            "python3",
            "-l",
            "python",
            "-p",
            "n",
            "7",
            "--no-progress-bar",
            file.name,
            file.name,
        )
        await tool(lazy.work, *command)
        await ada.until(lambda: len(ada.cells) == 4 and printed(ada, 2) == "ran 7\n")
        assert ada.sources == ["n = 1", "# Parameters\nn = 7\n", "print('ran', n)", "live = 0\nc = 3"]
        await settled(ada, file)


async def test_jupytext_updates_it_from_a_script(lazy: LiveServer, name: str) -> None:
    file, script = lazy.work / f"{name}.ipynb", lazy.work / f"{name}.py"
    write(file, code("a = 1\nb = 2", "first"), code("c = 3", "second"))
    await tool(lazy.work, "jupytext", "--to", "py:percent", file.name)
    async with LiveClient(lazy, file.name) as ada:
        ada.cells[0]["source"].insert(0, "live = 0\n")
        script.write_text(script.read_text().replace("b = 2", "b = 22") + "\n# %%\nd = 4\n")
        await tool(lazy.work, "jupytext", "--update", "--to", "notebook", script.name)
        await ada.until(lambda: ada.sources == ["live = 0\na = 1\nb = 22", "c = 3", "d = 4"])
        await settled(ada, file)
