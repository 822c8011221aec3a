"""What is no history, or may not be handed in."""

from dataclasses import replace

import pytest

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
