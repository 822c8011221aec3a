"""Forks that are to be kept in step with their document."""

import asyncio
import signal

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
