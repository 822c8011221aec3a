"""Presence on a real server: who is there, under which name, in which colour, for how long."""

import asyncio
import json
from typing import Any

import websockets

from jupyter_live import protocol
from jupyter_live.ids import GLOBAL_AWARENESS
from jupyter_live.protocol import AwarenessEntry
from jupyter_live.testing import LiveClient, LiveServer


async def join(server: LiveServer, path: str, person: str) -> LiveClient:
    return await LiveClient(server, path, "text", "file").open(token=person)


def user_of(member: LiveClient, other: LiveClient) -> dict[str, Any]:
    """How `member` sees `other`."""
    state = member.awareness.get(other.doc.client_id) or {}
    user: dict[str, Any] = state.get("user") or {}
    return user


async def test_a_newcomer_sees_everyone_at_once(quick: LiveServer, text: str) -> None:
    ada, grace = await join(quick, text, "ada"), await join(quick, text, "grace")
    await ada.show(cursor=5)
    await grace.show(cursor=6)
    await ada.until(lambda: grace.doc.client_id in ada.awareness)
    alan = await join(quick, text, "alan")
    await alan.until(lambda: len(alan.awareness) == 2)  # it has asked for nothing and shown nothing
    for other in (ada, grace):
        assert user_of(alan, other)["username"] in ("ada", "grace")
    for client in (ada, grace, alan):
        await client.close()


async def test_names_are_the_authenticated_ones_whatever_is_claimed(quick: LiveServer, text: str) -> None:
    ada, grace = await join(quick, text, "ada"), await join(quick, text, "grace")
    await ada.show(user={"username": "grace", "name": "Grace", "display_name": "Grace the First", "color": "red"})
    await grace.until(lambda: user_of(grace, ada))
    user = user_of(grace, ada)
    assert (user["username"], user["name"], user["display_name"]) == ("ada", "Ada", "Ada the First")
    assert user["initials"] == "X1" and user["color"] != "red"
    assert user == ada.latest("hello")["user"]
    await ada.close()
    await grace.close()


async def test_colours_of_different_people_differ_and_one_person_has_one(quick: LiveServer, text: str) -> None:
    people = [await join(quick, text, person) for person in ("ada", "ada", "grace", "alan", "secret", "secret")]
    colors = [person.latest("hello")["user"]["color"] for person in people]
    assert colors[0] == colors[1] and len(set(colors)) == 5, colors  # "secret" is another made-up person each time
    for person in people:
        await person.close()


async def test_a_state_disappears_when_its_socket_does(quick: LiveServer, text: str) -> None:
    ada, grace = await join(quick, text, "ada"), await join(quick, text, "grace")
    await ada.show(cursor=1)
    await grace.until(lambda: user_of(grace, ada))
    await ada.cut()
    await grace.until(lambda: grace.awareness[ada.doc.client_id] is None)
    await ada.connect(token="ada")
    await ada.show(cursor=2)
    await grace.until(lambda: (grace.awareness[ada.doc.client_id] or {}).get("cursor") == 2)
    await ada.close()
    await grace.until(lambda: grace.awareness[ada.doc.client_id] is None)
    await grace.close()


async def test_one_reconnects_before_the_old_socket_is_found_dead(quick: LiveServer, text: str) -> None:
    ada, grace = await join(quick, text, "ada"), await join(quick, text, "grace")
    await ada.show(cursor=1)
    again = LiveClient(quick, text, "text", "file")
    again.session, again.doc = ada.session, ada.doc  # the same client, on a second socket
    await again.connect(token="ada")
    again._clock = 1
    await again.show(cursor=2)
    await grace.until(lambda: (grace.awareness.get(ada.doc.client_id) or {}).get("cursor") == 2)
    await ada.cut()
    await again.show(cursor=3)
    await grace.until(lambda: (grace.awareness[ada.doc.client_id] or {}).get("cursor") == 3)
    await again.close()
    await grace.close()


async def test_a_query_is_answered_with_everyone(quick: LiveServer, text: str) -> None:
    ada, grace = await join(quick, text, "ada"), await join(quick, text, "grace")
    await ada.show(cursor=1)
    await grace.until(lambda: user_of(grace, ada))
    grace.awareness.clear()
    await grace.send(b"\x03")
    await grace.until(lambda: user_of(grace, ada))
    await ada.close()
    await grace.close()


async def test_who_shows_itself_hears_it(quick: LiveServer, text: str) -> None:
    """Else a y-websocket client that is alone closes its socket, as it is silent for 30 s."""
    ada = await join(quick, text, "ada")
    await ada.show(cursor=1)
    await ada.until(lambda: user_of(ada, ada))
    await ada.close()


async def test_everyone_who_is_online_is_in_the_global_room(quick: LiveServer) -> None:
    url = quick.url.replace("http", "ws", 1) + f"api/collaboration/room/{GLOBAL_AWARENESS}?token="

    def state(client: int, **content: Any) -> bytes:
        entry = AwarenessEntry(client, 1, json.dumps(content))
        return protocol.awareness(protocol.write_awareness([entry]))

    async def next_state(socket: websockets.ClientConnection) -> dict[str, Any] | None:
        while True:
            frame = protocol.read(bytes(await asyncio.wait_for(socket.recv(), 20)))  # type: ignore[arg-type]
            if frame.kind is protocol.Kind.AWARENESS:
                (entry,) = protocol.read_awareness(frame.payload)
                told: dict[str, Any] | None = json.loads(entry.state)
                return told

    async with websockets.connect(f"{url}grace") as grace:
        async with websockets.connect(f"{url}ada") as ada:
            await ada.send(protocol.step1(b"\x00"))
            assert await asyncio.wait_for(ada.recv(), 20) == protocol.step2(b"\x00\x00")
            await ada.send(state(1, documents=["a.ipynb"], user={"username": "grace"}))
            shown = await next_state(grace)
            assert shown is not None and shown["documents"] == ["a.ipynb"] and shown["user"]["username"] == "ada"
            async with websockets.connect(f"{url}alan") as newcomer:
                assert await next_state(newcomer) == shown
        assert await next_state(grace) is None
