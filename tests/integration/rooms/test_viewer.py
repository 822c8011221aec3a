"""Someone whom Jupyter's authorizer lets read but not write."""

import json

import pycrdt

from jupyter_live import protocol
from jupyter_live.testing import LiveClient, LiveServer

NOTHING = b"\x00\x00"


async def look(server: LiveServer, path: str, *, live: bool = True) -> LiveClient:
    return await LiveClient(server, path, "text", "file", live=live).open(token="viewer")


async def test_a_viewer_sees_what_others_type_and_shows_presence(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        viewer = await look(quick, text)
        assert viewer.latest("hello")["role"] == "viewer" and ada.latest("hello")["role"] == "writer"
        ada.text.insert(0, "zero ")
        await viewer.until(lambda: str(viewer.text) == "zero one\ntwo\n")
        await viewer.show(cursor=3)
        await ada.until(lambda: (ada.awareness.get(viewer.doc.client_id) or {}).get("cursor") == 3)
        await viewer.close()


async def test_a_foreign_viewer_that_brings_nothing_stays(quick: LiveServer, text: str) -> None:
    """Its client answers our step 1 with a step 2 that brings nothing new: no write."""
    async with LiveClient(quick, text, "text", "file") as ada:
        viewer = await look(quick, text, live=False)
        await viewer.send(protocol.step2(NOTHING))
        await viewer.send(protocol.step2(viewer.doc.get_update()))  # all it has is what it was given
        await viewer.send(protocol.update(ada.doc.get_update()))
        ada.text.insert(0, "x")
        await viewer.until(lambda: str(viewer.text) == "xone\ntwo\n")
        assert viewer.closed is None
        await viewer.close()


async def test_a_foreign_viewer_that_writes_is_sent_away_for_good(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        viewer = await look(quick, text, live=False)
        viewer.text.insert(0, "forbidden ")
        await viewer.until(lambda: viewer.closed)
        assert viewer.closed is not None
        code, reason = viewer.closed
        assert code == 4403 and json.loads(reason)["code"] == "read_only"
        ada.text.insert(0, "x")
        await ada.until(lambda: ada.is_saved)
        assert (quick.work / text).read_text() == "xone\ntwo\n" == str(ada.text)


async def test_a_deletion_is_a_write_too(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        viewer = await look(quick, text, live=False)
        del viewer.text[0:3]
        await viewer.until(lambda: viewer.closed)
        assert viewer.closed and viewer.closed[0] == 4403
        assert str(ada.text) == "one\ntwo\n"


async def test_our_viewer_is_told_and_stays(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as ada:
        viewer = await look(quick, text)
        viewer.text.insert(0, "forbidden ")
        await viewer.until(lambda: viewer.latest("refused"))
        assert viewer.latest("refused")["code"] == "read_only"
        ada.text.insert(0, "x")
        await viewer.until(lambda: "x" in str(viewer.text))
        assert str(ada.text) == "xone\ntwo\n" and viewer.closed is None
        await viewer.close()


async def test_a_viewer_cannot_save(quick: LiveServer, text: str) -> None:
    viewer = await look(quick, text)
    answer = await viewer.save()
    assert answer["status"] == "failed" and answer["code"] == "read_only"
    await viewer.close()


async def test_what_a_viewer_sent_broken_is_not_called_read_only(quick: LiveServer, text: str) -> None:
    viewer = await look(quick, text)
    await viewer.send(protocol.update(b"\x07garbage"))
    await viewer.until(lambda: viewer.closed)
    assert viewer.closed and json.loads(viewer.closed[1])["code"] == "rejected_update"


async def test_a_viewer_leaves_no_trace_in_the_log(quick: LiveServer, text: str) -> None:
    """What one viewer tried to write is in nobody's document, also not in that of who comes later."""
    viewer = await look(quick, text)
    viewer.text.insert(0, "forbidden ")
    viewer.doc.get("more", type=pycrdt.Map)["key"] = "forbidden"
    await viewer.until(lambda: viewer.latest("refused"))
    await viewer.close()
    async with LiveClient(quick, text, "text", "file") as ada:
        assert str(ada.text) == "one\ntwo\n" and not ada.doc.get("more", type=pycrdt.Map).to_py()
