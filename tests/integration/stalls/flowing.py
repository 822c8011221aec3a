"""Other people on the same server, in a process of their own: one types in a small file, one has a kernel print.

`python -m stalls.flowing URL TOKEN PATH` goes on until its input ends, then prints how long each took each time. A
thread notes when the whole machine stood still: (end, length) of what a sleep of 5 ms took longer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import websockets

from jupyter_live.testing import LiveClient, LiveServer


async def type_(server: LiveServer, path: str, gaps: list[float]) -> None:
    """Type, and wait until the other one has it."""
    async with LiveClient(server, path, "text", "file") as ada, LiveClient(server, path, "text", "file") as grace:
        while True:
            before = time.monotonic()
            ada.text.insert(0, "x")
            await grace.until(lambda: len(grace.text) == len(ada.text))
            gaps.append(time.monotonic() - before)
            await asyncio.sleep(0.05)


async def print_(server: LiveServer, gaps: list[float]) -> None:
    """Have a kernel print, and wait for what it prints."""
    status, kernel = await asyncio.to_thread(server.request, "POST", "api/kernels", {"name": "python3"})
    assert status == 201, kernel
    url = server.url.replace("http", "ws", 1) + f"api/kernels/{kernel['id']}/channels?token={server.token}"
    async with websockets.connect(url, max_size=None) as socket:
        for number in range(10**9):
            before = time.monotonic()
            await socket.send(json.dumps(_execute(f"print({number})")))
            while True:
                message = json.loads(await socket.recv())
                if message["msg_type"] == "stream" and str(number) in message["content"]["text"]:
                    break
            if number:  # the first waits for the kernel
                gaps.append(time.monotonic() - before)
            await asyncio.sleep(0.05)


def doze(pauses: list[tuple[float, float]]) -> None:
    """Note how late this thread wakes up; it has nothing else to do."""
    while True:
        before = time.time()
        time.sleep(0.005)
        if (late := time.time() - before - 0.005) > 0.01:
            pauses.append((time.time(), late))


def _execute(code: str) -> dict[str, Any]:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s", "version": "5"}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}


async def main(url: str, token: str, path: str) -> None:
    server = LiveServer(Path(), token=token)
    server.url = url
    typed: list[float] = []
    printed: list[float] = []
    pauses: list[tuple[float, float]] = []
    threading.Thread(target=doze, args=(pauses,), daemon=True).start()
    tasks = [asyncio.create_task(type_(server, path, typed)), asyncio.create_task(print_(server, printed))]
    end = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    done, _ = await asyncio.wait([*tasks, end], return_when=asyncio.FIRST_COMPLETED)
    for task in done - {end}:
        task.result()
    print(json.dumps({"typed": typed, "printed": printed, "machine": pauses}), flush=True)
    os._exit(0)  # without waiting for the thread that reads, if it was not the first to end


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
