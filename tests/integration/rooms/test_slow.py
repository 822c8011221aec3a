"""Rule 6: a slow member is bounded, is never skipped, and slows nobody."""

import asyncio
import socket
import subprocess

from jupyter_live import protocol
from jupyter_live.protocol import Kind
from jupyter_live.testing import LiveClient, LiveServer

ROUNDS, SIZE = 160, 50_000  # 8 MB: more than the kernel keeps for a socket that is not read


class Recording(LiveClient):
    """A client on a text file that remembers the updates it got, and may stop reading."""

    def __init__(self, server: LiveServer, path: str) -> None:
        super().__init__(server, path, "text", "file")
        self.updates: list[bytes] = []

    def _take(self, data: bytes) -> None:
        if data[0] != protocol.RAW and (frame := protocol.read(data)).kind is Kind.UPDATE:
            self.updates.append(frame.payload)
        super()._take(data)

    def stop_reading(self) -> None:
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        self._transport.pause_reading()

    def read_on(self) -> None:
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        assert self._socket is not None
        return self._socket.transport


async def flood(writer: Recording, reader: Recording) -> None:
    """Replace the text over and over, as fast as `reader` reads it."""
    for n in range(ROUNDS):
        with writer.doc.transaction():
            del writer.text[:]
            writer.text.insert(0, f"{n:9}" * (SIZE // 9))
        await reader.until(lambda n=n: len(reader.updates) == n + 1)  # type: ignore[misc]


async def test_who_stops_reading_gets_one_difference_later_and_slows_nobody(lazy: LiveServer, name: str) -> None:
    (lazy.work / f"{name}.txt").write_text("start\n")
    path = f"{name}.txt"
    async with Recording(lazy, path) as writer, Recording(lazy, path) as fast, Recording(lazy, path) as slow:
        slow.stop_reading()
        await flood(writer, fast)
        await writer.show(cursor="last")
        await fast.until(lambda: fast.awareness)
        assert slow.updates == [] and str(slow.text) == "start\n"

        slow.read_on()
        await slow.until(lambda: str(slow.text) == str(writer.text))
        *before, difference = slow.updates
        assert before == fast.updates[: len(before)], "what was sent before it fell behind came in order, as it was"
        assert difference not in fast.updates and len(before) < ROUNDS - 1, "and all the rest as one difference"
        assert slow.doc.get_state() == writer.doc.get_state()
        await slow.until(lambda: slow.awareness == fast.awareness)

        writer.text.insert(0, "again ")
        await slow.until(lambda: str(slow.text) == str(writer.text))
        assert slow.updates[-1] == fast.updates[-1] and len(slow.updates) == len(before) + 2
        slow.text.insert(0, "mine too ")
        await fast.until(lambda: str(fast.text).startswith("mine too again "))


async def test_a_reply_reaches_also_who_is_behind(lazy: LiveServer, name: str) -> None:
    (lazy.work / f"{name}.txt").write_text("start\n")
    path = f"{name}.txt"
    async with Recording(lazy, path) as writer, Recording(lazy, path) as fast, Recording(lazy, path) as slow:
        slow.stop_reading()
        await flood(writer, fast)
        slow.text.insert(0, "from afar ")
        await fast.until(lambda: "from afar " in str(fast.text))  # it does not read, but it is heard
        slow.read_on()
        await slow.until(lambda: slow.is_logged and str(slow.text) == str(writer.text))
        assert (await slow.save())["status"] == "success"


async def test_who_asks_and_never_reads_the_answers_costs_no_more_than_the_limit(lazy: LiveServer, name: str) -> None:
    """A step 1 has four bytes, its answer the whole document."""
    (lazy.work / f"{name}.txt").write_text("x" * 10**6)
    path = f"{name}.txt"
    async with Recording(lazy, path) as asker, Recording(lazy, path) as other:
        before = memory(lazy)
        asker.stop_reading()
        for _ in range(300):
            await asker.send(protocol.step1(b"\x00"))
        for n in range(10):
            other.text.insert(0, f"{n}")
            await other.until(lambda: other.is_logged)  # while it is asked
        assert memory(lazy) - before < 100e6
        asker.read_on()
        await asker.until(lambda: str(asker.text) == str(other.text))


def memory(server: LiveServer) -> float:
    """Bytes in memory of a server's process."""
    assert server._process is not None
    return 1024 * float(subprocess.check_output(["ps", "-o", "rss=", "-p", str(server._process.pid)]))
