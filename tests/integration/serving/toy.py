"""A small ASGI application, and a program that serves it: `toy.py daphne|uvicorn '{"option": …}'`.

It tells on its output, a line each: `ready PORT`, `started`, `stopped`, and what its sockets hear.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from jupyter_live.errors import LiveError
from jupyter_live.health import Health
from jupyter_live.lifespan import Lifespan
from jupyter_live.push import PUSH, Shared
from jupyter_live.serving import serve

BLOCK = bytes(256 * 1024)
BLOCKS = 800  # 200 MiB

OPTIONS: dict[str, Any] = json.loads(sys.argv[2])
open_sockets: set[asyncio.Queue[dict[str, Any]]] = set()
release = asyncio.Event()
sent = 0


def tell(*words: Any) -> None:
    print(*words, flush=True)


async def application(scope: Any, receive: Any, send: Any) -> None:
    name = scope["path"].removeprefix(OPTIONS.get("base", "")).strip("/")
    await {"http": HTTP, "websocket": SOCKETS}[scope["type"]][name](scope, receive, send)


# sockets


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Send back what comes; closes with 1012 when the server drains."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": (scope["subprotocols"] or [None])[0]})
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    open_sockets.add(queue)

    async def pump() -> None:
        while True:
            await queue.put(await receive())

    pumping = asyncio.create_task(pump())
    while (message := await queue.get())["type"] == "websocket.receive":
        content = {kind: message[kind] for kind in ("bytes", "text") if message.get(kind) is not None}
        await send({"type": "websocket.send", **content})
    if message["type"] == "drain":
        ending = LiveError("restarting")
        await send({"type": "websocket.close", "code": ending.kind.close, "reason": ending.reason()})
    else:
        tell("disconnect", message["code"], message.get("reason"))
    pumping.cancel()
    open_sockets.discard(queue)


async def flood(scope: Any, receive: Any, send: Any) -> None:
    global sent
    await receive()
    await send({"type": "websocket.accept"})
    try:
        for _ in range(BLOCKS):
            await send({"type": "websocket.send", "bytes": BLOCK})
            sent += 1
    except OSError:
        tell("client gone")
        raise


async def deaf(scope: Any, receive: Any, send: Any) -> None:
    """Receives nothing until it is released, then tells how many messages there were."""
    await receive()
    await send({"type": "websocket.accept"})
    await release.wait()
    count = 0
    while (await receive())["type"] == "websocket.receive":
        count += 1
        await send({"type": "websocket.send", "text": str(count)})


async def close(scope: Any, receive: Any, send: Any) -> None:
    """Closes as the first message says."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", **json.loads((await receive())["text"])})


async def end(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


async def fail(scope: Any, receive: Any, send: Any) -> None:
    await end(scope, receive, send)
    raise RuntimeError("this is what the toy does")


async def fail_early(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("this is what the toy does")


async def reject(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def hang(scope: Any, receive: Any, send: Any) -> None:
    """Hears nothing, not even that it is to end."""
    await receive()
    await send({"type": "websocket.accept"})
    await asyncio.Event().wait()


async def push(scope: Any, receive: Any, send: Any) -> None:
    """The same numbered messages by push and by send, in turns, then what is taken."""
    await receive()
    await send({"type": "websocket.accept"})
    extension = scope["extensions"][PUSH]
    for number in range(1000):
        message = Shared(number.to_bytes(4, "big") + BLOCK[: number * 50])
        if number % 3 == 0 or not extension["push"](message):
            await send({"type": "websocket.send", "bytes": message})
    extension["pull"](extension["push"])
    await receive()


async def scope_socket(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": told(scope)})


# requests


async def answer(send: Any, body: bytes, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


def told(scope: Any) -> str:
    return json.dumps({name: scope[name] for name in ("root_path", "client", "scheme")})


async def scope_request(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, told(scope).encode())


async def let_go(scope: Any, receive: Any, send: Any) -> None:
    release.set()
    await answer(send, b"released")


async def sent_blocks(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, str(sent).encode())


async def body(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    await answer(send, str(size).encode())


async def stream(scope: Any, receive: Any, send: Any) -> None:
    global sent
    await send({"type": "http.response.start", "status": 200})
    for number in range(BLOCKS):
        await send({"type": "http.response.body", "body": BLOCK, "more_body": number < BLOCKS - 1})
        sent += 1


async def half(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("this is what the toy does")


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """No response at all."""


SOCKETS = {
    "echo": echo,
    "flood": flood,
    "deaf": deaf,
    "close": close,
    "end": end,
    "fail": fail,
    "fail-early": fail_early,
    "reject": reject,
    "hang": hang,
    "push": push,
    "scope": scope_socket,
}
HTTP = {
    "scope": scope_request,
    "release": let_go,
    "sent": sent_blocks,
    "body": body,
    "stream": stream,
    "half": half,
    "fail": fail_early,
    "nothing": nothing,
}


# the program


async def ready() -> dict[str, str]:
    if OPTIONS.get("ready") == "never":
        await asyncio.Event().wait()
    if OPTIONS.get("ready") == "broken":
        raise RuntimeError("this is what the toy does")
    return dict(OPTIONS.get("missing", {}))


async def drain() -> None:
    tell("draining")
    if OPTIONS.get("drain") == "waits":
        await release.wait()
    if OPTIONS.get("drain") == "hangs":
        await asyncio.Event().wait()
    if OPTIONS.get("drain") == "fails":
        raise RuntimeError("this is what the toy does")
    for queue in open_sockets:
        queue.put_nowait({"type": "drain"})


async def start() -> None:
    tell("starting")
    await asyncio.sleep(0.2)
    if "fails" in (OPTIONS.get("start"), OPTIONS.get("lifespan")):
        raise RuntimeError("no database here")
    tell("started")


async def stop() -> None:
    tell("stopped")


def main() -> None:
    healthy = Health(application, ready, OPTIONS.get("base", ""))
    whole = Lifespan(healthy, start, stop) if OPTIONS.get("lifespan") else healthy
    if sys.argv[1] == "uvicorn":
        run_uvicorn(whole)
    else:
        serve(
            whole,
            host="127.0.0.1",
            port=OPTIONS.get("port", 0),
            max_message_size=OPTIONS.get("max_message_size", 8 * 2**20),
            drain=drain,
            drain_timeout=OPTIONS.get("drain_timeout", 20.0),
            on_ready=lambda port: tell("ready", port),
            proxy_headers=OPTIONS.get("proxy_headers", False),
            start=start if OPTIONS.get("start") else None,
            ping_interval=OPTIONS.get("ping_interval", 20.0),
            ping_timeout=OPTIONS.get("ping_timeout", 30.0),
        )
        tell("returned")


def run_uvicorn(whole: Any) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                tell("ready", self.servers[0].sockets[0].getsockname()[1])

    server = Server(
        uvicorn.Config(whole, port=0, ws_max_size=8 * 2**20, timeout_graceful_shutdown=5, log_level="error")
    )
    server.run()
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main()
