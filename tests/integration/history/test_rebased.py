"""The document has another history by now: what the client did is carried over as ordinary edits."""

from rooms.notebooks import code, sources, write

from jupyter_live.testing import LiveClient, LiveServer

from .losing import equal, lose


async def test_what_was_typed_offline_is_in_the_new_history(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        await ada.until(lambda: ada.holding.base)
        await lose(server, ada)
        ada.cells[0]["source"].insert(0, "ada = 1\n")
        ada.add_cell(3, "ada's", "ada")
        async with LiveClient(server, path) as bob:
            old = ada.doc
            await ada.connect()
            assert ada.session["sessionId"] == bob.session["sessionId"] and ada.doc is not old
            [(status, answer)] = ada.handed_in
            assert (status, answer["outcome"], answer["changed"], answer["conflicts"]) == (200, "rebased", 2, [])
            found = await equal(ada, bob)
            assert found == ["ada = 1\na = 1\na = 2\na = 3", "b = 1", "c = 1", "ada's"]
            assert sources(server.work / path) == found


async def test_what_both_sides_did_to_one_line_stays_visible(server: LiveServer, path: str) -> None:
    async with LiveClient(server, path) as ada:
        await ada.until(lambda: ada.holding.base)
        await lose(server, ada)
        ada.cells[0]["source"].insert(len("a = 1\na = 2"), "2, ada")
        write(server.work / path, code("a = 1\na = 2, file\na = 3", "first"), code("b = 1", "second"))
        async with LiveClient(server, path) as bob:
            await ada.connect()
            [(_, answer)] = ada.handed_in
            conflict = {"cell": "first", "line": 2, "theirs": "a = 2, file", "mine": "a = 22, ada"}
            assert answer["conflicts"] == [conflict]
            assert await equal(ada, bob) == ["a = 1\na = 2, file\na = 22, ada\na = 3", "b = 1"]


async def test_several_clients_bring_what_they_share_once(server: LiveServer, path: str) -> None:
    """Each also holds what the other did after the last save."""
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.until(lambda: ada.holding.base and bob.holding.base)
        await lose(server, ada, bob)
        ada.cells[0]["source"].insert(0, "shared = 1\n")
        bob.doc.apply_update(ada.doc.get_update(bob.doc.get_state()))
        ada.cells[0]["source"].insert(len("shared = 1\n"), "ada = 1\n")
        bob.cells[0]["source"].insert(len("shared = 1\n"), "bob = 1\n")
        async with LiveClient(server, path) as new:
            await ada.connect()
            await bob.connect()
            found = await equal(ada, bob, new)
            lines = found[0].split("\n")
            assert sorted(lines) == ["a = 1", "a = 2", "a = 3", "ada = 1", "bob = 1", "shared = 1"], lines
            assert found[1:] == ["b = 1", "c = 1"]


async def test_a_line_that_another_one_brought_first_is_edited_and_not_doubled(server: LiveServer, path: str) -> None:
    """The first one's copy tells which line the second one has edited, also where its letters alone could not."""
    async with LiveClient(server, path) as ada, LiveClient(server, path) as bob:
        await ada.until(lambda: ada.holding.base and bob.holding.base)
        await lose(server, ada, bob)
        ada.cells[0]["source"].insert(0, "shared line\n")
        bob.doc.apply_update(ada.doc.get_update(bob.doc.get_state()))
        text = bob.cells[0]["source"]
        del text[0 : len("shared")]
        text.insert(0, "quite another")
        async with LiveClient(server, path) as new:
            await ada.connect()
            await bob.connect()
            found = await equal(ada, bob, new)
            assert found[0] == "quite another line\na = 1\na = 2\na = 3"


async def test_what_is_typed_while_it_is_handed_in_goes_along(server: LiveServer, path: str) -> None:
    class Busy(LiveClient):
        async def _put(self, kept):  # type: ignore[no-untyped-def]
            answer = await super()._put(kept)
            if len(self.handed_in) < 3:
                self.cells[0]["source"].insert(0, f"n = {len(self.handed_in)}\n")
            return answer

    async with Busy(server, path) as ada:
        await ada.until(lambda: ada.holding.base)
        await lose(server, ada)
        async with LiveClient(server, path) as bob:
            await ada.connect()
            assert [answer["outcome"] for _, answer in ada.handed_in] == ["rebased"] * 3
            assert await equal(ada, bob) == ["n = 2\nn = 1\na = 1\na = 2\na = 3", "b = 1", "c = 1"]
