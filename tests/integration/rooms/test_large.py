"""A large document is announced, and comes in pieces."""

import json
from typing import Any

import pycrdt
import websockets

from jupyter_live import protocol
from jupyter_live.protocol import RAW, Kind
from jupyter_live.testing import LiveClient, LiveServer


async def test_who_fetches_a_large_document_is_told_how_much_is_on_its_way(quick: LiveServer, notebook: str) -> None:
    content = json.loads((quick.work / notebook).read_text())
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": name, "text": f"{number:06}\n" * 20_000}
        for number, name in enumerate(("stdout", "stderr") * 5)
    ]
    (quick.work / notebook).write_text(json.dumps(content))
    client = LiveClient(quick, notebook, "json", "notebook")
    async with client:
        url, _ = client._address()
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        frames: list[bytes] = []
        announced = 0
        async with websockets.connect(url, max_size=None, compression=None) as socket:
            await socket.send(protocol.step1(doc.get_state()))
            kind = None
            while kind is not Kind.STEP2:
                data = await socket.recv()
                assert isinstance(data, bytes)
                if data[0] == RAW:
                    notice = json.loads(data[protocol.read_varuint(data, 1)[1] :])
                    if notice["type"] == "coming":
                        assert not frames and not announced
                        announced = notice["bytes"]
                    continue
                kind, payload, _ = protocol.read(data)
                if kind in (Kind.UPDATE, Kind.STEP2):
                    frames.append(data)
                    doc.apply_update(payload)
        assert len(frames) > 2 and announced == sum(map(len, frames))
        assert doc.get("cells", type=pycrdt.Array).to_py() == client.cells.to_py()
        assert client.latest("coming")["bytes"] == announced


async def test_a_small_document_is_not_announced(quick: LiveServer, text: str) -> None:
    async with LiveClient(quick, text, "text", "file") as client:
        assert client.latest("hello") and not client.latest("coming")
