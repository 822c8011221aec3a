"""Thousands of frames that were real once, on live sockets."""

from __future__ import annotations

import json
import random

import pytest
import websockets
from websockets.exceptions import ConnectionClosed

from jupyter_live import protocol
from jupyter_live.errors import ERRORS
from jupyter_live.testing import LiveClient, LiveServer

from .corpus import edits, state
from .server import Calm

FRAMES = 4000  # for each role
AT_ONCE = 4  # frames sent before asking whether the socket still lives


def real_frames() -> list[bytes]:
    updates = edits()
    return [
        *(protocol.update(update) for update in updates),
        *(protocol.step2(update) for update in updates),
        protocol.step1(b"\x02\x05\x03\x06\x01"),
        state(json.dumps({"user": {"name": "x"}, "cursors": [{"anchor": {"tname": "source"}, "head": None}]})),
        b"\x02\x04save\x05",
        b"\x03",
    ]


def mutated(draw: random.Random, frames: list[bytes]) -> bytes:
    data = bytearray(draw.choice(frames))
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and at < len(data):
            data[at] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, 0x75, 0x76))
        elif kind == 2:
            del data[at : at + draw.randrange(1, 9)]
        elif kind == 3:
            data[at:at] = draw.randbytes(draw.randrange(1, 9))
        elif kind == 4:
            data[at:at] = data[max(0, at - draw.randrange(1, 20)) : at]
        else:
            other = draw.choice(frames)
            data = data[:at] + bytearray(other[draw.randrange(len(other)) :])
    return bytes(data)


@pytest.mark.parametrize("role", ["", "reader"])
async def test_the_server_goes_on_and_every_close_has_a_code(server: LiveServer, name: str, role: str) -> None:
    seed = random.randrange(2**32)
    draw, frames = random.Random(seed), real_frames()
    (server.work / f"target-{name}").write_text("target")
    codes: dict[str, int] = {}
    async with LiveClient(server, name, "text", "file") as elsewhere:
        calm = Calm(elsewhere)
        async with LiveClient(server, f"target-{name}", "text", "file") as target:
            url = server.url.replace("http", "ws") + f"api/collaboration/room/text:file:{target.session['fileId']}"
            socket = None
            for _ in range(FRAMES // AT_ONCE):
                if socket is None:
                    socket = await websockets.connect(
                        url + "?token=secret", additional_headers={"X-Role": role}, compression=None
                    )
                try:
                    for _ in range(AT_ONCE):
                        await socket.send(mutated(draw, frames))
                    await socket.send(protocol.step1(b"\x00"))
                    while not (await socket.recv(decode=False)).startswith(b"\x00\x01"):
                        pass
                except ConnectionClosed:
                    told = json.loads(socket.close_reason or "{}").get("code")
                    assert told in ERRORS and ERRORS[told].close == socket.close_code, (seed, socket.close_code, told)
                    codes[told] = codes.get(told, 0) + 1
                    socket = None
            if socket is not None:
                await socket.close()
            assert {"malformed_frame", "unknown_message", "rejected_update"} <= set(codes), (seed, codes)
            assert set(codes) <= {"malformed_frame", "unknown_message", "rejected_update", "read_only"}, (seed, codes)
            assert target.closed is None, (seed, target.closed)
            # What got through from a writer was an edit like any other; from a reader, nothing gets through.
            if role:
                assert str(target.text) == "target", seed
                await Calm(target).goes_on()
        await calm.goes_on()
