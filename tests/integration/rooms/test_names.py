"""Names of guests, and a change of one's name: at once for everybody, in every document, for the next visit, too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.testing import LiveClient, LiveServer
from jupyter_live.testing.guest import Guest


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path) as server:
        for name in ("one.txt", "two.txt"):
            (server.work / name).write_text("x")
        yield server


def shown(member: LiveClient, other: LiveClient, field: str = "display_name") -> str | None:
    """How `member` sees `other`."""
    found: str | None = ((member.awareness.get(other.doc.client_id) or {}).get("user") or {}).get(field)
    return found


def test_guests_who_come_at_one_moment_have_different_names(server: LiveServer) -> None:
    with ThreadPoolExecutor(12) as pool:
        guests = list(pool.map(Guest, [server] * 24))
    names = [guest.me["display_name"] for guest in guests]
    assert len(set(names)) == 24, sorted(names)  # by chance: 1 in 250
    assert all(name.startswith("Anonymous ") for name in names)


async def test_a_new_name_reaches_everybody_in_every_document_at_once(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first, second = await ada.open("one.txt"), await ada.open("two.txt")
    others = await bob.open("one.txt"), await bob.open("two.txt")
    for member in (first, second):
        await member.show(cursor=5)
    await others[0].until(lambda: shown(others[0], first) == ada.me["display_name"])
    status, answer = await ada.rename(name="Ada L", display_name=" Ada Lovelace ")
    assert status == 200, answer
    for other, member in zip(others, (first, second), strict=True):
        await other.until(lambda o=other, m=member: shown(o, m) == "Ada Lovelace")  # type: ignore[misc]
        assert shown(other, member, "initials") == "AL"
        assert (other.awareness[member.doc.client_id] or {})["cursor"] == 5
    assert first.latest("user")["user"]["display_name"] == "Ada Lovelace"
    await first.show(cursor=6)
    await first.show(cursor=7)
    await others[0].until(lambda: (others[0].awareness[first.doc.client_id] or {}).get("cursor") == 7)
    assert shown(others[0], first) == "Ada Lovelace"
    for client in (first, second, *others):
        await client.close()


async def test_a_new_name_stays(server: LiveServer) -> None:
    ada = Guest(server)
    await ada.rename(name="Ada")
    assert ada.ask("GET", "api/me")[1]["identity"]["display_name"] == "Ada"
    client = await ada.open("one.txt")
    assert client.latest("hello")["user"]["display_name"] == "Ada"
    assert client.latest("hello")["user"]["username"] == ada.me["username"]
    await client.close()


async def test_a_colour_is_granted_when_nobody_has_it(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first, other = await ada.open("one.txt"), await bob.open("one.txt")
    await first.show(cursor=1)
    await ada.rename(color="#123456")
    await other.until(lambda: shown(other, first, "color") == "#123456")
    await bob.rename(color="#123456")
    await other.until(lambda: any(notice["type"] == "user" for notice in other.notices))
    assert other.latest("user")["user"]["color"] not in ("#123456", None)
    await first.close()
    await other.close()


@pytest.mark.parametrize(
    "changes",
    [{"display_name": "x" * 101}, {"display_name": "  "}, {"name": ""}, {"name": {"a": 1}}, {"username": "root"}, [1]],
)
async def test_what_is_no_name_is_refused_and_nothing_changes(server: LiveServer, changes: Any) -> None:
    ada = Guest(server)
    status, answer = await asyncio.to_thread(ada.ask, "PATCH", "api/me", changes)
    assert status == 400 and answer["message"], answer
    assert ada.ask("GET", "api/me")[1]["identity"] == ada.me
