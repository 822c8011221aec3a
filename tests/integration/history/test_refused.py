"""What is no history, or may not be handed in."""

from dataclasses import replace
from typing import Any

import pycrdt
import pytest
from rooms.notebooks import sources

from jupyter_live.testing import LiveClient, LiveServer
from jupyter_live.testing.holding import Kept


@pytest.fixture
async def kept(server: LiveServer, path: str) -> Kept:
    """What a client holds of the notebook, with an edit that the server lacks."""
    ada = await LiveClient(server, path).open()
    await ada.cut()
    ada.cells[0]["source"].insert(0, "ada = 1\n")
    [kept] = await ada.close_tab()
    return kept


async def test_a_viewer_hands_in_nothing(server: LiveServer, path: str, kept: Kept) -> None:
    status, answer = server.hand_in(kept, token="viewer")
    assert (status, answer["code"]) == (403, "read_only")
    async with LiveClient(server, path) as bob:
        assert "ada" not in bob.sources[0]


@pytest.mark.parametrize("mine", [b"\x01", b"no update at all", b"\xff" * 100])
async def test_bytes_that_are_no_update_are_refused(server: LiveServer, path: str, kept: Kept, mine: bytes) -> None:
    async with LiveClient(server, path) as bob:
        before = bob.sources
        status, answer = server.hand_in(replace(kept, mine=mine))
        assert 400 <= status < 500 and answer["code"], answer
        status, answer = server.hand_in(replace(kept, base=b"\xff\xff", epoch="0" * 36))
        assert 400 <= status < 500 and answer["code"], answer
        assert bob.sources == before and bob.closed is None


@pytest.mark.parametrize("body", [b"", b"\x05ab", b"\x00\x00tail", b"\x80"])
async def test_a_body_that_is_not_two_parts_is_refused(server: LiveServer, kept: Kept, body: bytes) -> None:
    status, answer = server.request(
        "PUT", f"api/collaboration/history/{kept.room}?sessionId={kept.epoch}", body, {"Content-Type": "text/plain"}
    )
    assert 400 <= status < 500 and answer["code"], answer


@pytest.mark.parametrize("change", [{"room": "json:notebook:none"}, {"room": "nothing"}, {"epoch": ""}])
async def test_a_document_or_a_history_of_no_name_is_refused(
    server: LiveServer, kept: Kept, change: dict[str, str]
) -> None:
    status, answer = server.hand_in(replace(kept, **change))  # type: ignore[arg-type]
    assert 400 <= status < 500 and answer["code"], answer


async def test_where_there_is_nothing_to_bring_nothing_is_saved_beside_the_file(
    server: LiveServer, path: str, kept: Kept
) -> None:
    """Of another history, without what was in the file: all of it would be saved as a copy."""
    empty: pycrdt.Doc[Any] = pycrdt.Doc()
    status, answer = server.hand_in(replace(kept, epoch="0" * 36, base=b"", mine=empty.get_update()))
    assert (status, answer["outcome"], answer["copy"]) == (200, "rebased", None)


async def test_cells_of_a_notebook_that_tells_no_version_are_saved_in_a_copy(
    server: LiveServer, path: str, kept: Kept
) -> None:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    cell: dict[str, Any] = {"id": "a", "cell_type": "code", "execution_count": None, "metadata": pycrdt.Map()}
    cell |= {"source": pycrdt.Text("typed = 1"), "outputs": pycrdt.Array()}
    doc.get("cells", type=pycrdt.Array).append(pycrdt.Map(cell))
    status, answer = server.hand_in(replace(kept, epoch="0" * 36, base=b"", mine=doc.get_update()))
    assert (status, answer["outcome"]) == (200, "rebased")
    assert sources(server.work / answer["copy"]) == ["typed = 1"]
