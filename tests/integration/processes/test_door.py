"""Who may pass at a relay."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.typing import Origin, Subprotocol

from jupyter_live import tickets as module
from jupyter_live.errors import LiveError
from jupyter_live.ids import DocumentId, Epoch, Identity
from jupyter_live.testing.cluster import Cluster
from jupyter_live.tickets import KeyFile, Ticket, Tickets

from .people import write

SOMEBODY = Identity("ada", "Ada Lovelace", color="tomato")


@pytest.fixture
def ticket(cluster: Cluster, work: Path) -> Ticket:
    """One for a document that is open."""
    (work / "door.txt").write_text("begun\n")
    status, session = cluster.server.session("door.txt", "text", "file")
    assert status in (200, 201)
    document = DocumentId(f"text:file:{session['fileId']}")
    return Ticket(SOMEBODY, frozenset({"read", "write"}), document, Epoch(session["sessionId"]))


def issued(cluster: Cluster, ticket: Ticket) -> str:
    return Tickets(KeyFile(cluster.keys)).issue(ticket)


async def knock(cluster: Cluster, ticket: Ticket, *offered: str, origin: str | None = None) -> tuple[int, str] | None:
    """Why the relay closes; None where it speaks."""
    url = f"{cluster.relays[0].url}/api/collaboration/room/{ticket.document}?sessionId={ticket.epoch}&live=1"
    protocols = [Subprotocol(each) for each in offered]
    async with websockets.connect(url, subprotocols=protocols, origin=Origin(origin) if origin else None) as socket:
        try:
            assert await socket.recv()
            assert socket.subprotocol == "jupyter-live"
            return None
        except websockets.ConnectionClosed:
            return socket.close_code or 0, socket.close_reason or ""


async def test_a_good_ticket_opens_its_document(cluster: Cluster, ticket: Ticket) -> None:
    good = issued(cluster, ticket)
    assert await knock(cluster, ticket, "jupyter-live", good) is None
    assert (
        await knock(cluster, ticket, "jupyter-live", good, origin=cluster.relays[0].url.replace("ws", "http")) is None
    )


async def test_what_is_no_ticket_of_ours_is_turned_away(cluster: Cluster, ticket: Ticket) -> None:
    good, forged = issued(cluster, ticket), Tickets(lambda: [secrets.token_urlsafe(48)]).issue(ticket)
    for bad in (forged, good[:-1], good[1:], good.rsplit(".", 1)[0], "x", good.swapcase()):
        answer = await knock(cluster, ticket, "jupyter-live", bad)
        assert answer and answer[0] == 4401 and "unauthenticated" in answer[1], bad
    answer = await knock(cluster, ticket, "jupyter-live")
    assert answer and answer[0] == 4401


async def test_a_ticket_is_for_one_history_of_one_document(cluster: Cluster, ticket: Ticket) -> None:
    for other in (replace(ticket, document=DocumentId("text:file:1")), replace(ticket, epoch=Epoch("e"))):
        answer = await knock(cluster, ticket, "jupyter-live", issued(cluster, other))
        assert answer and answer[0] == 4403 and "forbidden" in answer[1]


async def test_a_page_of_another_origin_is_turned_away(cluster: Cluster, ticket: Ticket) -> None:
    answer = await knock(cluster, ticket, "jupyter-live", issued(cluster, ticket), origin="https://evil.example")
    assert answer and answer[0] == 4403 and "foreign_origin" in answer[1]


async def test_a_ticket_s_role_counts(cluster: Cluster, ticket: Ticket, work: Path) -> None:
    viewer = cluster.client("door.txt", cluster.relays[0])
    await viewer.open()
    await viewer.cut()
    viewer.session["relay"]["ticket"] = issued(cluster, replace(ticket, permissions=frozenset({"read"})))
    viewer.notices.clear()
    await viewer.connect()
    assert viewer.latest("hello")["role"] == "viewer"
    write(viewer, "not allowed")
    await viewer.until(lambda: viewer.latest("refused"))
    assert "not allowed" not in (work / "door.txt").read_text()
    await viewer.close()


async def test_whose_it_is_is_who_is_seen(cluster: Cluster, ticket: Ticket) -> None:
    client: Any = cluster.client("door.txt", cluster.relays[0])
    await client.open()
    user = client.latest("hello")["user"]
    _, me = cluster.server.request("GET", "api/me")
    assert user["username"] and set(user) >= {"name", "display_name", "color"} and me["identity"]["username"]
    await client.close()


def test_who_is_turned_away_in_all_form_is_not_reset(cluster: Cluster) -> None:
    """A proxy in between would take that for a failure, and the browser would not hear why."""
    port = cluster.relays[0].port
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        lines = "GET /api/collaboration/room/text:file:a HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket"
        more = "Connection: Upgrade", "Sec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==", "Sec-WebSocket-Version: 13"
        connection.sendall("\r\n".join([*lines, *more, "", ""]).encode())
        told = b""
        while b"unauthenticated" not in told:
            told += connection.recv(1000)
        connection.sendall(b"\x88\x82\0\0\0\0\x11\x31")  # the same code back
        while told := connection.recv(1000):
            continue  # ConnectionResetError where the connection is aborted


def test_a_ticket_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets(lambda: ["k" * 40])
    ticket = Ticket(SOMEBODY, frozenset({"read"}), DocumentId("text:file:1"), Epoch("e"))
    text = tickets.issue(ticket)
    assert tickets.read(text) == ticket
    monkeypatch.setattr(module, "LASTS", -1.0)
    with pytest.raises(LiveError, match="ticket_expired"):
        tickets.read(text)


def test_keys_rotate_while_servers_run(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("a" * 40)
    keys = KeyFile(file)
    tickets, ticket = Tickets(keys), Ticket(SOMEBODY, frozenset(), DocumentId("text:file:1"), Epoch("e"))
    old = tickets.issue(ticket)
    file.write_text(f"{'b' * 40}\n{'a' * 40}\n")
    new = tickets.issue(ticket)
    assert tickets.read(old) == tickets.read(new) == ticket
    file.write_text("b" * 40 + "\n\n")
    assert tickets.read(new) == ticket
    with pytest.raises(LiveError, match="unauthenticated"):
        tickets.read(old)
    for useless in ("short", ""):
        file.write_text(useless)
        assert tickets.read(new) == ticket, "the keys from before go on"
    file.unlink()
    assert tickets.read(new) == ticket
