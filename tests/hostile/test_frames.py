"""Each frame of the corpus, on a live socket: refused with its code, and nobody else is disturbed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from jupyter_live import protocol
from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

from .corpus import CLIENT, FRAMES, edits, state
from .server import MAX_MESSAGE_SIZE, Calm, code_of


@pytest.mark.parametrize("title", FRAMES)
@pytest.mark.parametrize("role", ["", "reader"])
async def test_it_is_refused_with_its_code(server: LiveServer, name: str, title: str, role: str) -> None:
    frame, code = FRAMES[title]
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        hostile = await LiveClient(server, name, "text", "file").open(headers={"X-Role": role})
        await hostile.send(frame)
        await hostile.until(lambda: hostile.closed)
        assert code_of(hostile) == code
        await calm.goes_on()
        assert not calm_client.awareness.get(7)
        await hostile.close()


@pytest.mark.parametrize("frame", [b"\x00\x02\x02\x00\x00", protocol.step2(b"\x00\x00"), state("null"), b"\x03"])
async def test_what_says_nothing_is_harmless(server: LiveServer, name: str, frame: bytes) -> None:
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        async with LiveClient(server, name, "text", "file") as client:
            await client.send(frame)
            await client.send(b"\x02\x04save\x01")
            await client.until(lambda: client.answer(1))
            assert client.closed is None
        await calm.goes_on()


async def test_a_message_over_the_limit_is_refused_unread(server: LiveServer, name: str) -> None:
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        hostile = await LiveClient(server, name, "text", "file").open()
        await hostile.send(bytes(MAX_MESSAGE_SIZE + 1))
        await hostile.until(lambda: hostile.closed)
        assert hostile.closed is not None and hostile.closed[0] == ERRORS["message_too_big"].close
        await calm.goes_on()
        await hostile.close()


async def test_what_waits_for_ever_is_limited(server: LiveServer, name: str) -> None:
    """Updates that depend on one that never comes must be kept, so they are bounded."""
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        hostile = await LiveClient(server, name, "text", "file").open()
        size = MAX_MESSAGE_SIZE - 100
        with suppress(ConnectionClosed):
            for clock in range(1, 10):
                start = clock * 2 * size  # each goes on where one ends that is never sent
                origin = CLIENT + protocol.write_varuint(start - 1)
                text = protocol.write_varuint(size) + b"x" * size
                update = b"\x01\x01" + CLIENT + protocol.write_varuint(start) + b"\x84" + origin + text + b"\x00"
                await hostile.send(protocol.update(update))
        await hostile.until(lambda: hostile.closed)
        assert code_of(hostile) == "waiting_too_much"
        await calm.goes_on()
        await hostile.close()


async def test_a_foreign_viewer_who_writes_is_closed_and_ours_is_told(server: LiveServer, name: str) -> None:
    update = protocol.update(edits()[0])
    async with LiveClient(server, name, "text", "file") as calm_client:
        calm = Calm(calm_client)
        foreign = await LiveClient(server, name, "text", "file", live=False).open(headers={"X-Role": "reader"})
        await foreign.send(update)
        await foreign.until(lambda: foreign.closed)
        assert code_of(foreign) == "read_only"
        ours = await LiveClient(server, name, "text", "file").open(headers={"X-Role": "reader"})
        await ours.send(update)
        await ours.until(lambda: ours.latest("refused"))
        assert ours.closed is None and ours.latest("refused")["code"] == "read_only"
        await calm.goes_on()
        await ours.close()
