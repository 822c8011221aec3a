"""The guard against nested values reads updates as the engine does: it lets through all that is real."""

from __future__ import annotations

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.engine.strict import DEPTH_LIMIT, check_strictly
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin

from .corpus import FRAMES, item


def value(random: random.Random, depth: int) -> Any:
    """Any JSON, with many of the letters that the guard looks for."""
    kinds = [None, True, random.randrange(-(2**40), 2**40), random.random(), "uv" * random.randrange(200), b"uvuv"]
    if depth == 0:
        return random.choice(kinds)
    children = [value(random, depth - 1) for _ in range(random.randrange(4))]
    return random.choice([children, {f"u{n}🎈": child for n, child in enumerate(children)}, random.choice(kinds)])


@pytest.mark.parametrize("seed", range(20))
def test_real_updates_pass(seed: int) -> None:
    draw = random.Random(seed)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    cells, notes = doc.get("cells", type=pycrdt.Array), doc.get("notes", type=pycrdt.Map)
    text = doc.get("source", type=pycrdt.Text)
    xml = doc.get("xml", type=pycrdt.XmlFragment)
    for n in range(60):
        with doc.transaction():
            text.insert(0, "uvuv🎈" * draw.randrange(20))
            text.format(0, len(text) and 1, {"uv": value(draw, 0) is None})
            cells.append(pycrdt.Map({"id": "u", "metadata": value(draw, 5), "source": pycrdt.Text("uv" * 100)}))
            cells.append(value(draw, 4))
            notes[f"v{n % 7}"] = value(draw, 3)
            xml.children.append(pycrdt.XmlElement("uv", {"u": "v"}))
        if draw.random() < 0.5:
            del cells[draw.randrange(len(cells))]
            del text[0 : min(3, len(text))]
    doc.unobserve(subscription)
    whole = doc.get_update()
    looked_at = [update for update in (*updates, whole) if update.count(b"u") + update.count(b"v") > DEPTH_LIMIT]
    assert whole in looked_at, seed
    for update in looked_at:
        check_strictly(update)


def nested(depth: int, opening: bytes = b"\x75\x01") -> bytes:
    return item(b"\x01" + opening * depth + b"\x7e", 8)


@pytest.mark.parametrize("opening", [b"\x75\x01", b"\x76\x01\x01u"])
def test_the_limit_is_the_limit(opening: bytes) -> None:
    check_strictly(nested(DEPTH_LIMIT, opening))
    with pytest.raises(LiveError, match="rejected_update"):
        check_strictly(nested(DEPTH_LIMIT + 1, opening))


def test_what_stays_below_the_limit_can_be_used() -> None:
    """The engine and Python's json take it."""
    replica = PycrdtEngine().replica()
    assert replica.apply(nested(DEPTH_LIMIT), Origin.MEMBER)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(replica.snapshot())
    assert doc.get("cells", type=pycrdt.Array).to_py()


@pytest.mark.parametrize("title", [title for title in FRAMES if " in " in title and "awareness" not in title])
def test_a_replica_survives_and_is_as_it_was(title: str) -> None:
    frame, code = FRAMES[title]
    assert isinstance(frame, bytes) and code == "rejected_update"
    update = frame[frame.index(b"\x01\x01\x05\x00") :]
    replica = PycrdtEngine().replica()
    before = replica.snapshot()
    with pytest.raises(LiveError, match=code):
        replica.apply(update, Origin.MEMBER)
    with pytest.raises(LiveError, match=code):
        replica.brings(update)
    assert replica.snapshot() == before


def test_what_two_readers_could_read_differently_is_refused() -> None:
    deep = b"\x01" + b"\x75\x01" * 1000 + b"\x7e"
    for update in (
        b"\x01\x02\x05\x00\x80\x05\x00\x01" + deep + b"\x00",  # collected content with an origin
        b"\x01\x02\x05\x00\x14\x01\x05cells\x03abc\x88\x05\x00" + deep + b"\x00",  # bit 5 of the kind
        b"\x01\x02\x05\x00\x07\x01\x05cells\x05\x00\x88\x05\x00" + deep + b"\x00",  # XML hook, with name or without
        b"\x01\x02\x05\x00\x0b\x01\x05cells\x00\x00\x00\x88\x05\x00" + deep + b"\x00",  # a move
    ):
        with pytest.raises(LiveError, match="rejected_update"):
            check_strictly(update)
