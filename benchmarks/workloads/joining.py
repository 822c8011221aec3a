"""Many people who open the same large document at once."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterable
from typing import Any

import pycrdt

from benchmarks.board import percentile
from benchmarks.newcomer import Newcomer
from benchmarks.servers.base import Server
from benchmarks.updates import ROOT
from benchmarks.window import Figures, measured
from benchmarks.workloads.content import filled

SAMPLE = 0.02  # seconds between looks at the server's memory


async def joining(server: Server, clients: int, content: Any) -> Figures:
    """`content`: a text or a notebook. Ends when all have it."""
    room, keeper = await filled(server, "joining", content)
    figures = Figures(server.name, "joining")
    known: list[bytes] = []
    newcomers = [Newcomer(room, known) for _ in range(clients)]
    before = server.usage().rss
    peak = [before]
    watching = asyncio.create_task(_watch(server, peak))
    took = array("d")

    async def join(newcomer: Newcomer, started: float) -> None:
        await newcomer.open()
        took.append(asyncio.get_running_loop().time() - started)

    with measured(server) as window:
        now = asyncio.get_running_loop().time()
        await asyncio.gather(*(join(newcomer, now) for newcomer in newcomers))
    watching.cancel()
    size = sum(map(len, newcomers[0].frames))
    figures.values = {
        "all in s": max(took),
        "p50 s": percentile(took, 0.5),
        "peak growth MB": (max(*peak, server.usage().rss) - before) / 1e6,
        "document MB": size / 1e6,
    }
    figures.values["growth/document"] = figures.values["peak growth MB"] / figures.values["document MB"]
    window.note(figures)
    documents = {tuple(newcomer.frames) for newcomer in newcomers}
    if any(not _holds([room.dialect.changes(frame)[1] for frame in frames], content) for frames in documents):
        figures.wrong = "a newcomer has another document"
    for newcomer in newcomers:
        newcomer.close()
    await keeper.close()
    return figures


async def _watch(server: Server, sizes: list[int]) -> None:
    while True:
        sizes.append(server.usage().rss)
        await asyncio.sleep(SAMPLE)


def _holds(updates: Iterable[bytes], content: Any) -> bool:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in filter(None, updates):  # a server's question brings none
        doc.apply_update(update)
    if isinstance(content, str):
        return str(doc.get(ROOT, type=pycrdt.Text)) == content
    cells = doc.get("cells", type=pycrdt.Array).to_py() or []
    return [_plain(cell) for cell in cells] == [_plain(cell) for cell in content["cells"]]


def _plain(cell: dict[str, Any]) -> tuple[str, list[str]]:
    return cell["source"], ["".join(output["text"]) for output in cell["outputs"]]
