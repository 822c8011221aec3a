"""Forks that are to be kept in step with their document."""

import asyncio
import signal
from pathlib import Path

from rooms.notebooks import code, sources, write
from rooms.people import equip

from jupyter_live.testing import LiveClient, LiveServer

from .forking import ForkClient, end, make


async def test_what_is_typed_into_the_document_comes_and_nothing_goes_back(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada, synchronize=True)
        assert made["fork_info"]["synchronize"] is True
        async with ForkClient(ada, made) as bob, ForkClient(ada, await make(ada)) as eve:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            ada.text.insert(len(str(ada.text)), "ada\n")
            await bob.until(lambda: str(bob.text) == "bob\none\ntwo\nada\n")
            del ada.text[0:4]
            await bob.until(lambda: str(bob.text) == "bob\ntwo\nada\n")
            assert str(ada.text) == "two\nada\n" and str(eve.text) == "one\ntwo\n"
            await ada.until(lambda: (server.work / text).read_text() == "two\nada\n")


async def test_what_came_while_the_fork_was_closed_comes_when_it_is_opened(server: LiveServer, text: str) -> None:
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
        await asyncio.to_thread(server.stop, signal.SIGKILL)
        await ada.until(lambda: ada.closed)
        ada.text.insert(len(str(ada.text)), "offline\n")
        await asyncio.to_thread(server.start)
        await ada.connect()
        del ada.text[0:4]
        await ada.until(lambda: ada.is_saved)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    other = LiveClient(server, text, "text", "file")
    async with ForkClient(other, made) as bob:  # nobody has the document open
        await bob.until(lambda: str(bob.text) == "bob\ntwo\noffline\n")
        async with other as ada:
            ada.text.insert(0, "again\n")
            await bob.until(lambda: sorted(str(bob.text).split()) == ["again", "bob", "offline", "two"])


async def test_it_is_merged_while_people_type_into_the_document(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.cells[2]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            typed = 0

            async def keep_typing() -> None:
                nonlocal typed
                while bob.closed is None:
                    ada.cells[1]["source"].insert(0, f"a{typed}\n")
                    typed += 1
                    await asyncio.sleep(0.01)

            typing = asyncio.create_task(keep_typing())
            await bob.until(lambda: typed > 10 and "a5" in bob.sources[1])
            assert (await end(server, made, merge=True))[0] == 200
            await typing
        await ada.until(lambda: ada.sources[2] == "bob\nc = 1" and ada.is_saved)
        assert ada.sources[1].split() == [*(f"a{n}" for n in reversed(range(typed))), "b", "=", "1"]


async def test_what_the_fork_has_typed_into_a_cell_that_the_document_moves_stays(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.cells[0]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            ada.move_cell(0, 2)
            await bob.until(lambda: bob.sources == ["b = 1", "c = 1", "bob\na = 1\na = 2"])
            assert ada.sources == ["b = 1", "c = 1", "a = 1\na = 2"]
            assert (await end(server, made, merge=True))[0] == 200
        await ada.until(lambda: ada.sources == ["b = 1", "c = 1", "bob\na = 1\na = 2"])


async def test_it_follows_its_document_into_another_history(server: LiveServer, path: str) -> None:
    """Somebody has changed the file while nobody had it open."""
    async with LiveClient(server, path) as ada:
        made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.cells[0]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            await asyncio.to_thread(server.stop)
            bob.cells[0]["source"].insert(0, "offline\n")
            cells = code("a = 1\na = 2", "first"), code("b = 1\nelsewhere", "second"), code("c = 1", "third")
            write(server.work / path, *cells)
            await asyncio.to_thread(server.start)
            await ada.connect()
            await bob.connect()
            assert bob.session["sessionId"] != made["sessionId"]
            ada.cells[2]["source"].insert(0, "ada\n")
            whole = ["offline\nbob\na = 1\na = 2", "b = 1\nelsewhere", "ada\nc = 1"]
            await bob.until(lambda: bob.sources == whole)
            assert ada.sources == ["a = 1\na = 2", "b = 1\nelsewhere", "ada\nc = 1"]
            await bob.until(lambda: bob.is_logged)
            assert (await end(server, made, merge=True))[1]["outcome"] == "merged"
        await ada.until(lambda: ada.sources == sources(server.work / path) == whole)


async def test_it_follows_also_while_people_are_in_it(tmp_path: Path) -> None:
    equip(tmp_path)
    server = LiveServer(tmp_path, "--LiveApp.save_delay=0.1", "--LiveApp.idle_delay=0.1")
    file = server.work / "a.txt"
    file.write_text("one\ntwo\n")
    with server:
        async with LiveClient(server, "a.txt", "text", "file") as ada:
            made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
            # Until the document is closed: a change of the file is merged into an open one under the same epoch.
            await bob.until(lambda: ada.room not in str(server.request("GET", "api/collaboration/status")[1]))
            file.write_text("one\ntwo\nelsewhere\n")
            async with LiveClient(server, "a.txt", "text", "file") as ada:
                await bob.until(lambda: bob.closed)
                assert bob.closed is not None and bob.closed[0] == 1012
                await bob.connect()
                await bob.until(lambda: str(bob.text) == "bob\none\ntwo\nelsewhere\n")
                ada.text.insert(len(str(ada.text)), "ada\n")
                await bob.until(lambda: str(bob.text) == "bob\none\ntwo\nelsewhere\nada\n")
                assert bob.session["sessionId"] != made["sessionId"]


async def test_a_client_may_come_with_the_session_of_the_document(server: LiveServer, text: str) -> None:
    """As packages do that know no other; it has the same history."""
    async with LiveClient(server, text, "text", "file") as ada:
        made = await make(ada)
        async with ForkClient(ada, made | {"sessionId": ada.session["sessionId"]}) as bob:
            assert bob.closed is None and str(bob.text) == "one\ntwo\n"
            bob.text.insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
        async with ForkClient(ada, made | {"sessionId": "another"}, live=False) as eve:
            assert eve.closed is not None and eve.closed[0] == 1003
        found = await asyncio.to_thread(server.request, "GET", f"api/collaboration/fork/{made['fork_roomid']}")
        assert found == (200, made)


async def test_one_that_nobody_has_open_is_merged_into_another_history(server: LiveServer, path: str) -> None:
    """It is opened to be merged, and follows its document then."""
    async with LiveClient(server, path) as ada:
        made = await make(ada, synchronize=True)
        async with ForkClient(ada, made) as bob:
            bob.cells[0]["source"].insert(0, "bob\n")
            await bob.until(lambda: bob.is_logged)
    await asyncio.to_thread(server.stop)
    write(server.work / path, code("a = 1\na = 2", "first"), code("b = 1\nelsewhere", "second"))
    await asyncio.to_thread(server.start)
    async with LiveClient(server, path) as ada:
        assert (await end(server, made, merge=True))[1]["outcome"] == "merged"
        await ada.until(lambda: ada.sources == ["bob\na = 1\na = 2", "b = 1\nelsewhere"])
        assert ada.closed is None
