"""Two people on one document see each other type."""

import pycrdt
import pytest

from jupyter_live import protocol
from jupyter_live.testing import LiveClient, LiveServer


def people(server: LiveServer, path: str, *, live: bool = True) -> tuple[LiveClient, LiveClient]:
    doc_type = ("json", "notebook") if path.endswith(".ipynb") else ("text", "file")
    return LiveClient(server, path, *doc_type, live=live), LiveClient(server, path, *doc_type, live=live)


@pytest.mark.parametrize("live", [True, False], ids=["ours", "foreign"])
async def test_typing_reaches_the_other_both_ways(quick: LiveServer, text: str, live: bool) -> None:
    ada, grace = people(quick, text, live=live)
    async with ada, grace:
        assert str(ada.text) == str(grace.text) == "one\ntwo\n"
        ada.text.insert(0, "zero 😀\n")
        await grace.until(lambda: str(grace.text) == "zero 😀\none\ntwo\n")
        del grace.text[0 : len("zero 😀\n".encode())]
        await ada.until(lambda: str(ada.text) == "one\ntwo\n")


async def test_concurrent_edits_in_one_line_all_stay(quick: LiveServer, text: str) -> None:
    ada, grace = people(quick, text)
    async with ada, grace:
        for n in range(30):
            ada.text.insert(3, "👩‍💻")
            grace.text.insert(3, chr(ord("a") + n % 26))
        await ada.until(lambda: str(ada.text) == str(grace.text) and len(str(ada.text)) == 8 + 30 * 3 + 30)
        assert str(ada.text).count("👩‍💻") == 30 and "\ntwo\n" in str(ada.text)
        await grace.until(lambda: grace.is_saved and ada.is_saved)
        assert (quick.work / text).read_text() == str(ada.text)


async def test_cells_come_and_go_for_both(quick: LiveServer, notebook: str) -> None:
    ada, grace = people(quick, notebook)
    async with ada, grace:
        ada.add_cell(1, "between 😀", "between")
        grace.add_cell(2, "last", "last")
        await ada.until(lambda: ada.sources == grace.sources and len(ada.sources) == 4)
        assert ada.sources == ["a = 1", "between 😀", "b = 2", "last"]
        source = grace.cells[1]["source"]
        source += "!"
        del ada.cells[0]
        await ada.until(lambda: ada.sources == grace.sources == ["between 😀!", "b = 2", "last"])


async def test_outputs_and_execution_state_are_shared(quick: LiveServer, notebook: str) -> None:
    ada, grace = people(quick, notebook)
    async with ada, grace:
        cell = ada.cells[0]
        cell["execution_state"] = "running"
        await grace.until(lambda: grace.cells[0].get("execution_state") == "running")
        output = {"output_type": "stream", "name": "stdout", "text": pycrdt.Text("42\n")}
        cell["outputs"].append(pycrdt.Map(output))
        cell["execution_count"] = 7
        await grace.until(lambda: grace.cells[0]["execution_count"] == 7 and len(grace.cells[0]["outputs"]) == 1)
        assert str(grace.cells[0]["outputs"][0]["text"]) == "42\n"


async def test_answers_to_a_step_1_go_to_the_asker_alone(quick: LiveServer, text: str) -> None:
    """Rule 11."""
    ada, grace = Listening(quick, text), Listening(quick, text)
    async with ada, grace:
        ada.heard.clear()
        grace.heard.clear()
        for _ in range(5):
            await ada.send(protocol.step1(b"\x00"))
        await ada.until(lambda: ada.heard.count(protocol.Kind.STEP2) == 5)
        grace.text.insert(0, "x")  # what is sent after it tells that nothing came before it
        ada.text.insert(0, "y")
        await grace.until(lambda: "y" in str(grace.text))
        assert protocol.Kind.STEP2 not in grace.heard


class Listening(LiveClient):
    """A client on a text file that remembers the kinds of frames it got."""

    def __init__(self, server: LiveServer, path: str) -> None:
        super().__init__(server, path, "text", "file")
        self.heard: list[protocol.Kind] = []

    def _take(self, data: bytes) -> None:
        if data[0] != protocol.RAW:
            self.heard.append(protocol.read(data).kind)
        super()._take(data)


async def test_what_was_typed_offline_arrives_with_the_reconnect(quick: LiveServer, text: str) -> None:
    ada, grace = people(quick, text)
    async with ada, grace:
        await ada.cut()
        ada.text.insert(0, "offline ")
        grace.text.insert(0, "online ")
        await ada.connect()
        await ada.until(lambda: str(ada.text) == str(grace.text))
        assert sorted(str(ada.text).split()) == ["offline", "one", "online", "two"]
        await ada.until(lambda: ada.is_saved)


async def test_a_foreign_client_hears_none_of_our_notices(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file", live=False) as ada:
        ada.text.insert(0, "x")
        assert (await ada.save())["status"] == "success"
        assert [notice["type"] for notice in ada.notices] == ["save"], "but the answer to its own request"


async def test_documents_do_not_mix(quick: LiveServer, text: str, notebook: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada, LiveClient(quick, notebook) as grace:
        ada.text.insert(0, "x")
        grace.add_cell(0, "y", "new")
        await ada.until(lambda: ada.is_saved)
        await grace.until(lambda: grace.is_saved)
        assert str(ada.text) == "xone\ntwo\n" and grace.sources == ["y", "a = 1", "b = 2"]
        assert not list(ada.cells) and not str(grace.text)
