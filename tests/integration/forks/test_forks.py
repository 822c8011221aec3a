"""Documents that are made of others: what is done in one stays there until it is merged."""

import asyncio
from typing import Any

from rooms.notebooks import sources

from jupyter_live.testing import LiveClient, LiveServer

from .forking import ForkClient, end, listed, make, put


async def test_a_fork_has_what_its_document_had_and_goes_its_own_way(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        ada.cells[0]["source"].insert(0, "typed just now\n")
        await ada.until(lambda: ada.is_logged)
        made = await make(ada, title="try", description="something else")
        info = {"root_roomid": ada.room, "synchronize": False, "title": "try", "description": "something else"}
        assert made["fork_info"] == info and await listed(server, ada.room) == {made["fork_roomid"]: info}
        async with ForkClient(ada, made) as bob, ForkClient(ada, made) as eve:
            assert bob.sources == ["typed just now\na = 1\na = 2", "b = 1", "c = 1"]
            bob.cells[1]["source"].insert(0, "in the fork\n")
            await eve.until(lambda: eve.sources[1] == "in the fork\nb = 1")
            ada.cells[2]["source"].insert(0, "in the document\n")
            await ada.until(lambda: ada.is_saved)
            assert bob.sources == eve.sources == ["typed just now\na = 1\na = 2", "in the fork\nb = 1", "c = 1"]
            assert sources(server.work / path) == ["typed just now\na = 1\na = 2", "b = 1", "in the document\nc = 1"]


async def test_nobody_is_told_that_a_fork_is_saved(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada, ForkClient(ada, await make(ada)) as bob:
        bob.cells[0]["source"].insert(0, "x")
        await bob.until(lambda: bob.is_logged)
        answer = await bob.save()
        assert (answer["status"], answer["code"]) == ("failed", "no_file")
        assert {notice["file"] for notice in bob.notices if notice["type"] == "state"} == {"none"}
        assert {notice["saved"] for notice in bob.notices if notice["type"] == "ack"} == {0}
        assert not [notice for notice in bob.notices if notice["type"] in ("saving", "saved")]
        assert bob.latest("state") | {"message": None} == {
            "type": "state",
            "file": "none",
            "log": "ok",
            "code": None,
            "message": None,
        }


async def test_a_merged_fork_is_in_the_document_and_gone(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob, ForkClient(ada, made, live=False) as eve:
            bob.cells[0]["source"].insert(0, "bob\n")
            bob.add_cell(3, "new", "new")
            del bob.cells[1]
            ada.cells[0]["source"].insert(len("a = 1\na = 2"), "\nada")
            await bob.until(lambda: bob.is_logged and eve.sources == bob.sources)
            status, answer = await end(server, made, merge=True)
            assert (status, answer["outcome"], answer["conflicts"]) == (200, "merged", [])
            for client in (bob, eve):
                await client.until(lambda client=client: client.closed)  # type: ignore[misc]
                assert client.closed is not None and client.closed[0] == 4410 and "fork_merged" in client.closed[1]
        whole = ["bob\na = 1\na = 2\nada", "c = 1", "new"]
        await ada.until(lambda: ada.sources == sources(server.work / path) == whole)
        assert await listed(server, ada.room) == {}
        assert (await end(server, made, merge=True))[0] == 404
        async with ForkClient(ada, made) as late:
            assert late.closed is not None and late.closed[0] == 4404 and "unknown_document" in late.closed[1]


async def test_a_deleted_fork_leaves_nothing(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made, other = await make(ada), await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            assert await end(server, made, merge=False) == (200, {"outcome": "deleted"})
            await bob.until(lambda: bob.closed)
            assert bob.closed is not None and bob.closed[0] == 4410 and "fork_deleted" in bob.closed[1]
        assert [*await listed(server, ada.room)] == [other["fork_roomid"]]
        ada.text.insert(0, "ada\n")
        await ada.until(lambda: ada.is_saved)
        assert (server.work / text).read_text() == "ada\none\ntwo\n"


async def test_what_is_typed_in_both_while_they_are_merged_is_all_there(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            ended = False

            async def merge() -> tuple[int, object]:
                nonlocal ended
                try:
                    return await end(server, made, merge=True)
                finally:
                    ended = True

            merging = asyncio.create_task(merge())
            typed = 0
            while not ended and bob.closed is None:
                bob.text.insert(0, f"b{typed}\n")
                ada.text.insert(len(str(ada.text)), f"a{typed}\n")
                typed += 1
                await asyncio.sleep(0.005)
            assert (await merging)[0] == 200
            await bob.until(lambda: bob.closed)
            logged = bob.latest("ack")["logged"]
            assert logged  # so something was typed meanwhile
        await ada.until(lambda: (server.work / text).read_text() == str(ada.text))
        lines = str(ada.text).splitlines()
        # The first frame is the answer to the server's question; each line is one of the rest.
        assert {f"b{n}" for n in range(logged - 1)} <= set(lines), "what was acknowledged is not lost"
        assert {f"a{n}" for n in range(typed)} <= set(lines) and len(lines) == len(set(lines))


async def test_a_fork_is_merged_into_a_document_that_nobody_has_open(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    assert (await end(server, made, merge=True))[1]["outcome"] == "merged"
    async with LiveClient(server, text, "text", "file") as ada:
        assert str(ada.text) == "bob\none\ntwo\n"
        await ada.until(lambda: (server.work / text).read_text() == "bob\none\ntwo\n")


async def test_a_fork_survives_a_renaming(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        new = f"moved-{text}"
        assert (await asyncio.to_thread(server.request, "PATCH", f"api/contents/{text}", {"path": new}))[0] == 200
        await ada.until(lambda: ada.state["path"] == new)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
        assert [*await listed(server, ada.room)] == [made["fork_roomid"]]
        assert (await end(server, made, merge=True))[0] == 200
        await ada.until(lambda: str(ada.text) == (server.work / new).read_text() == "bob\none\ntwo\n")
        assert ada.state["path"] == new
        assert not (server.work / text).exists()


async def test_a_move_in_the_fork_and_typing_in_the_document_both_stay(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada)
        async with ForkClient(ada, made) as bob:
            bob.move_cell(0, 2)
            bob.cells[0]["source"].insert(0, "bob\n")  # "second"
            await bob.until(lambda: bob.is_logged)
            ada.cells[0]["source"].insert(0, "ada\n")
            ada.move_cell(1, 0)
            await ada.until(lambda: ada.is_logged)
            assert (await end(server, made, merge=True))[0] == 200
        whole = ["ada\na = 1\na = 2", "bob\nb = 1", "c = 1"]
        await ada.until(lambda: sorted(ada.sources) == whole and sources(server.work / path) == ada.sources)


async def test_the_number_of_forks_is_bounded(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = [await make(ada, title=str(n)) for n in range(20)]
        status, answer = await put(server, ada.room, {})
        assert (status, answer["code"]) == (409, "too_many_forks")
        assert [info["title"] for info in (await listed(server, ada.room)).values()] == [str(n) for n in range(20)]
        await end(server, made[3], merge=False)
        await make(ada, title="again")


async def test_a_fork_has_no_forks(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        for room in (made["fork_roomid"], f"text:file:{made['fork_roomid']}"):
            status, answer = await put(server, room, {})
            assert (status, answer["code"]) == (400, "fork_of_fork")


async def test_what_cannot_be_is_told(server: LiveServer, text: str) -> None:
    unknown = {"fork_roomid": "0" * 32}
    async with LiveClient(server, text, "text", "file") as ada:
        for merge in (True, False):
            status, answer = await end(server, unknown, merge=merge)
            assert (status, answer["code"]) == (404, "unknown_document")
        async with ForkClient(ada, unknown | {"sessionId": "x"}) as nobody:
            assert nobody.closed is not None and nobody.closed[0] == 4404
        assert await listed(server, "text:file:nothing") == {}
        assert (await put(server, "text:file:nothing", {}))[1]["code"] == "unknown_document"
        assert (await put(server, "nothing", {}))[1]["code"] == "unknown_document"
        bodies: tuple[Any, ...] = (
            b"{",
            b"[]",
            {"synchronize": 1},
            {"title": 1},
            {"description": []},
            {"title": "x" * 201},
        )
        for body in bodies:
            status, answer = await put(server, ada.room, body)
            assert (status, answer["code"]) == (400, "bad_request"), body
        status, answer = await asyncio.to_thread(
            server.request, "DELETE", f"api/collaboration/fork/{'0' * 32}?merge=perhaps"
        )
        assert (status, answer["code"]) == (400, "bad_request")
        assert (await put(server, ada.room, {"title": None, "description": None}))[0] == 201


async def test_rooms_of_any_other_name_are_refused(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        for room in ("nothing", "ABCDEF0123456789ABCDEF0123456789", "a" * 31, "JupyterLab:other"):
            async with ForkClient(ada, {"fork_roomid": room, "sessionId": "x"}) as nobody:
                assert nobody.closed is not None and nobody.closed[0] == 4404, room
                assert "unknown_document" in nobody.closed[1]


async def test_who_may_only_read_sees_forks_and_changes_nothing(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        viewer = ForkClient(ada, made)
        await viewer.connect(token="viewer")
        assert viewer.latest("hello")["role"] == "viewer" and str(viewer.text) == "one\ntwo\n"
        viewer.text.insert(0, "x")
        await viewer.until(lambda: viewer.latest("refused").get("code") == "read_only")
        assert [*await listed(server, ada.room, "viewer")] == [made["fork_roomid"]]
        for merge in (True, False):
            status, answer = await end(server, made, merge=merge, token="viewer")
            assert (status, answer["code"]) == (403, "read_only")
        assert (await put(server, ada.room, {}, "viewer"))[1]["code"] == "read_only"
        await viewer.close()
        async with ForkClient(ada, made) as bob:
            assert str(bob.text) == "one\ntwo\n"
