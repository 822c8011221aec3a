"""What programs in the server tell of themselves, and see of people."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import websockets
from program_server import ProgramServer
from waiting import until

from jupyter_live import protocol
from jupyter_live.protocol import AwarenessEntry, Kind
from jupyter_live.testing import LiveClient


async def appear(collaboration: Any, kept: dict[str, Any]) -> Any:
    kept["room"] = await collaboration.ywebsocket_server.get_room(kept["room_id"])
    awareness = kept["room"].awareness
    awareness.set_local_state_field("user", {"name": "An agent", "username": "agent"})
    return awareness.client_id


async def seen(collaboration: Any, kept: dict[str, Any]) -> Any:
    return [state["user"]["name"] for state in kept["room"].awareness.states.values() if "user" in state]


async def test_a_program_is_seen_under_the_name_it_gives(server: ProgramServer) -> None:
    (server.work / "a.txt").write_text("")
    async with LiveClient(server, "a.txt", "text", "file") as person:
        await person.show(here=True)
        client = await server.run(appear, room_id=person.room)
        await person.until(lambda: person.awareness.get(client))
        shown = person.awareness[client]
        assert shown and shown["user"]["name"] == "An agent" and shown["user"]["username"] == "agent"
        assert shown["user"]["color"]
        own = person.awareness[person.doc.client_id]
        assert own and sorted(await server.run(seen)) == sorted(["An agent", own["user"]["name"]])


async def test_it_may_speak_for_several(server: ProgramServer) -> None:
    """As a manager of personas does, by the client id of each."""

    async def speak(collaboration: Any, kept: dict[str, Any]) -> Any:
        awareness = kept["room"].awareness
        for client in (1, 2):
            awareness.client_id = client
            awareness.set_local_state({"user": {"name": f"persona {client}"}})
        awareness.set_local_state(None)

    (server.work / "a.txt").write_text("")
    async with LiveClient(server, "a.txt", "text", "file") as person:
        await server.run(appear, room_id=person.room)
        await server.run(speak)
        await person.until(lambda: person.awareness.get(1))
        shown = person.awareness[1]
        assert shown and shown["user"]["name"] == "persona 1" and person.awareness.get(2) is None


async def test_all_who_are_online_see_it_and_are_seen(server: ProgramServer) -> None:
    room = "JupyterLab:globalAwareness"
    client = await server.run(appear, room_id=room)
    url = f"{server.url.replace('http', 'ws', 1)}api/collaboration/room/{room}?token={server.token}"
    async with websockets.connect(url) as socket:
        state = AwarenessEntry(7, 1, json.dumps({"current": "here"}))
        await socket.send(protocol.awareness(protocol.write_awareness([state])))
        shown: dict[int, Any] = {}
        while not {7, client} <= shown.keys():
            frame = protocol.read(bytes(await asyncio.wait_for(socket.recv(), 20)))  # type: ignore[arg-type]
            if frame.kind is Kind.AWARENESS:
                shown |= {entry.client: json.loads(entry.state) for entry in protocol.read_awareness(frame.payload)}
        assert shown[client]["user"]["name"] == "An agent"
        assert sorted(await server.run(seen)) == sorted(["An agent", shown[7]["user"]["name"]])


async def test_it_is_seen_again_when_the_document_is_opened_again(server: ProgramServer) -> None:
    async def is_open(collaboration: Any, kept: dict[str, Any]) -> Any:
        return collaboration.ywebsocket_server.room_exists(kept["room_id"])

    async def is_closed() -> bool:
        return not await server.run(is_open)

    (server.work / "a.txt").write_text("")
    async with LiveClient(server, "a.txt", "text", "file") as person:
        await person.show(here=True)
        client = await server.run(appear, room_id=person.room)
    await until(is_closed)
    assert await server.run(seen) == ["An agent"]  # and no ghost of who has left
    async with LiveClient(server, "a.txt", "text", "file") as person:
        await person.until(lambda: person.awareness.get(client))
