"""The timeline of a document that several processes have open."""

import asyncio
from pathlib import Path
from typing import Any

from jupyter_live.testing.cluster import Cluster
from jupyter_live.testing.services import Postgres, Redis

from .people import all_saved, all_see, write
from .two import Pair, running


async def test_who_types_at_a_relay_is_an_author_and_is_told(cluster: Cluster, work: Path) -> None:
    (work / "past.txt").write_text("begun\n")
    async with cluster.client("past.txt", cluster.relays[0]) as ada, cluster.client("past.txt") as cy:
        await ada.show(cursor=1)
        write(ada, "hers")
        await all_see([ada, cy], "begun", "hers")
        await all_saved([ada, cy])
        await ada.save()
        await ada.until(lambda: len(moments_told(ada)) == 2)
        status, told = await asyncio.to_thread(cluster.server.timeline, "past.txt", "text", "file")
        before, after = told["moments"]
        assert status == 200 and [moment["id"] for moment in moments_told(ada)] == [before["id"], after["id"]]
        assert before["authors"] == []
        me = ada.latest("hello")["user"]
        expected = {"username": me["username"], "name": me["display_name"], "color": me["color"]}
        assert after["authors"] == [expected]
        status, answer = await asyncio.to_thread(cluster.server.restore, ada.room, before["id"])
        assert status == 200 and answer["changed"] == 1
        await ada.until(lambda: str(ada.text) == "begun\n")
        await ada.until(lambda: len(moments_told(ada)) == 3)
        assert (work / "past.txt").read_text() == "begun\n"


async def test_a_server_without_the_file_restores_too(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres
) -> None:
    pair = Pair(tmp_path, redis_server, postgres_server)
    (pair.work / "a.txt").write_text("begun\n")
    with running(pair):
        async with pair.client(pair.one, "a.txt") as ada, pair.client(pair.two, "a.txt") as bob:
            write(ada, "hers")
            await all_see([ada, bob], "begun", "hers")
            await ada.save()
            await bob.until(lambda: len(moments_told(bob)) == 2)
            assert await pair.owners(ada.room) == [pair.one]
            before = moments_told(bob)[0]
            status, answer = await asyncio.to_thread(pair.two.restore, bob.room, before["id"])
            assert status == 200 and answer["saved"] and answer["before"] == moments_told(bob)[1]["id"]
            await ada.until(lambda: str(ada.text) == str(bob.text) == "begun\n")
            assert (pair.work / "a.txt").read_text() == "begun\n"
            _, told = await asyncio.to_thread(pair.one.timeline, "a.txt", "text", "file")
            restored = told["moments"][2:]
            assert [moment["id"] for moment in restored] == [moments_told(bob)[2]["id"]], "it is kept once"


def moments_told(client: Any) -> list[dict[str, Any]]:
    return [notice for notice in client.notices if notice["type"] == "moment"]
