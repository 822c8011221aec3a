"""A changed name reaches people at relays, and stays with who comes back to one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_live.testing import LiveClient
from jupyter_live.testing.cluster import Cluster
from jupyter_live.testing.guest import Guest


def shown(member: LiveClient, other: LiveClient) -> str | None:
    found: str | None = ((member.awareness.get(other.doc.client_id) or {}).get("user") or {}).get("display_name")
    return found


async def test_a_new_name_reaches_everybody_at_every_relay(cluster: Cluster, work: Path) -> None:
    (work / "named.txt").write_text("")
    guest = await asyncio.to_thread(Guest, cluster.server)
    ada = cluster.client("named.txt", cluster.relays[0])
    _, ada.session = await asyncio.to_thread(
        guest.ask, "PUT", "api/collaboration/session/named.txt", {"format": "text", "type": "file"}
    )
    await ada.connect()
    async with cluster.client("named.txt", cluster.relays[1]) as bob, cluster.client("named.txt") as cy:
        await ada.show(cursor=1)
        for other in (bob, cy):
            await other.until(lambda o=other: shown(o, ada) == guest.me["display_name"])  # type: ignore[misc]
        status, answer = await guest.rename(name="Ada")
        assert status == 200, answer
        for other in (bob, cy):
            await other.until(lambda o=other: shown(o, ada) == "Ada")  # type: ignore[misc]
        assert ada.latest("user")["user"]["display_name"] == "Ada"
    await ada.close()
