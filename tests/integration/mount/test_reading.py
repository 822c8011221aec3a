"""Reading frames: on the short way or on Tornado's, however they are cut, they come whole and in order."""

from __future__ import annotations

import asyncio
import os
import random
import struct
from typing import Any

import pytest
import websockets

from jupyter_live.mount import Limits
from jupyter_live.push import PUSH

from .hosting import Hosting, pulling

LIMITS = Limits(max_message_size=2**20, inbox_limit=2**20, ping_interval=0)

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


def frame(opcode: int, payload: bytes, *, is_last: bool = True, mask: bytes | None = b"\x07\x00\xff\x40") -> bytes:
    size, bit = len(payload), 0x80 if mask else 0
    first = opcode | (0x80 if is_last else 0)
    if size < 126:
        head = bytes([first, bit | size])
    elif size < 2**16:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + (mask or b"") + payload


def some_message(chance: random.Random) -> tuple[bytes | str, bytes]:
    """A message, and the frames that bring it. Many look like frames themselves, from any byte on."""
    size = chance.choice([0, 1, 2, 2, 2, 30, 60, 125, 126, 127, 3000, 4087, 4088, 4096, 5000, 65_535, 66_000])
    unit = chance.choice([b"\x82", frame(BINARY, b"no message"), chance.randbytes(5000)])
    message = (unit * (size // len(unit) + 1))[:size]
    mask = chance.choice([chance.randbytes(4), b"\x80\x00\x00\x00", b"\x00" * 4, None])
    match chance.randrange(10):
        case 0:
            text = "ü" * (size % 1000)
            return text, frame(TEXT, text.encode(), mask=mask)
        case 1:
            cut = chance.randint(0, len(message))
            first = frame(BINARY, message[:cut], is_last=False, mask=mask)
            return message, first + frame(PING, b"between") + frame(0, message[cut:], mask=mask)
        case 2:
            return message, frame(PING, b"before") + frame(BINARY, message, mask=mask)
        case _:
            return message, frame(BINARY, message, mask=mask)


@pytest.mark.parametrize("seed", range(6))
async def test_frames_that_are_cut_anyhow_come_whole_and_in_order(hosting: Hosting, seed: int) -> None:
    chance = random.Random(seed)
    sent = [some_message(chance) for _ in range(300)]
    came: list[bytes | str] = []
    taken = 0
    over = asyncio.Event()

    def take(message: bytes) -> bool:
        nonlocal taken
        if chance.random() < 0.2:
            return False
        taken += 1
        came.append(message)
        return True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][PUSH]["pull"](take)
        while (message := await receive())["type"] == "websocket.receive":
            came.append(message["bytes"] if message.get("bytes") is not None else message["text"])
            await asyncio.sleep(chance.choice([0, 0, 0, 0.001]))
        over.set()

    async with hosting(app, limits=LIMITS) as host, websockets.connect(host.ws(), compression=None) as client:
        ahead = b""  # the beginning of what comes next, mostly without any
        for _, frames in sent:
            ahead += frames
            if chance.random() < 0.2:
                continue
            while len(ahead) > (keep := chance.choice([0, 0, 0, 1, 3, 50])):
                piece = chance.choice([1, 1, 1, 5, 20, 70, 500, 4096, 4097, 9000, 100_000])
                piece = min(piece, len(ahead) - keep)
                client.transport.write(ahead[:piece])
                ahead = ahead[piece:]
                if chance.random() < 0.5:
                    await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        client.transport.write(ahead)
        client.transport.write(frame(CLOSE, struct.pack("!H", 1000)))
        await over.wait()
    assert came == [message for message, _ in sent]
    assert len(sent) / 10 < taken < len(sent)


async def test_keystrokes_wake_no_task_of_the_mount(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed goes the short way: Tornado's loop over frames, which costs as much again, is not woken by it."""
    from jupyter_live.mount.reading import ReadingAhead

    on_tornados_way = 0
    handle = ReadingAhead._handle_message

    def count(self: ReadingAhead, opcode: int, data: bytes) -> Any:
        nonlocal on_tornados_way
        on_tornados_way += opcode == BINARY
        return handle(self, opcode, data)

    monkeypatch.setattr(ReadingAhead, "_handle_message", count)
    sent, taken = [os.urandom(40) for _ in range(50)], []
    all_taken = asyncio.Event()

    def take(message: bytes) -> bool:
        taken.append(message)
        if len(taken) == len(sent):
            all_taken.set()
        return True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][PUSH]["pull"](take)
        await receive()

    async with hosting(app, limits=LIMITS) as host, websockets.connect(host.ws(), compression=None) as client:
        await (await client.ping())
        for message in sent:
            await client.send(message)
            await asyncio.sleep(0.001)
        await all_taken.wait()
    assert taken == sent and on_tornados_way == 0


async def test_a_message_within_another_is_not_taken(hosting: Hosting) -> None:
    """A whole one between the pieces of another is against the protocol: the socket ends."""
    taken: list[bytes] = []
    over = asyncio.Event()

    def take(message: bytes) -> bool:
        taken.append(message)
        return True

    async with (
        hosting(pulling(take, over), limits=LIMITS) as host,
        websockets.connect(host.ws(), compression=None) as client,
    ):
        client.transport.write(frame(BINARY, b"begun", is_last=False))
        await asyncio.sleep(0.05)
        client.transport.write(frame(BINARY, b"another") + frame(0, b", ended"))
        await over.wait()
    assert taken == []
