"""Large updates in slices: each can be applied after those before it, and all together they are the update."""

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine.pycrdt import PycrdtReplica
from jupyter_live.engine.slices import slices
from jupyter_live.engine.updates import read_vector
from jupyter_live.ids import Origin


def cut(update: bytes, size: int) -> list[bytes]:
    return [each.cut(update) for each in slices(update, size)]


def written_by_many(seed: int, edits: int = 300) -> pycrdt.Doc[Any]:
    """A notebook in which several people wrote into each other's text, moved and deleted cells."""
    chance = random.Random(seed)
    docs: list[pycrdt.Doc[Any]] = [pycrdt.Doc() for _ in range(4)]
    for number in range(edits):
        doc = chance.choice(docs)
        cells = doc.get("cells", type=pycrdt.Array)
        at = chance.randrange(len(cells) + 1)
        if at == len(cells) or chance.random() < 0.2:
            text = pycrdt.Text(chance.choice(["one", "zwei \u00fc", "\U0001f600\U0001f600"]))
            cells.insert(at, pycrdt.Map({"id": str(number), "source": text, "any": {"a": [1, None, "x"]}}))
        elif chance.random() < 0.1:
            del cells[at]
        else:
            cells[at]["source"].insert(0, chance.choice(["a", "\u00e4\U0001f680", "long " * 20]))
        if chance.random() < 0.3:
            other = chance.choice(docs)
            other.apply_update(doc.get_update(other.get_state()))
    for other in docs[1:]:
        docs[0].apply_update(other.get_update(docs[0].get_state()))
    return docs[0]


@pytest.mark.parametrize("seed", range(20))
def test_slices_one_after_the_other_give_the_document_and_nothing_ever_waits(seed: int) -> None:
    doc = written_by_many(seed)
    update = doc.get_update()
    parts = cut(update, 64)
    assert len(parts) > 20
    replica = PycrdtReplica("notebook")
    for part in parts:
        replica.apply(part, Origin.LOG)
        assert replica.diff(replica.state())[0] == 0, "nothing waits"
    assert read_vector(replica.state()) == read_vector(doc.get_state())
    fresh: pycrdt.Doc[Any] = pycrdt.Doc()
    fresh.apply_update(replica.snapshot())
    assert fresh.get("cells", type=pycrdt.Array).to_py() == doc.get("cells", type=pycrdt.Array).to_py()


@pytest.mark.parametrize("seed", range(5))
def test_each_slice_tells_what_a_replica_has_after_it(seed: int) -> None:
    update = written_by_many(seed).get_update()
    replica, known = PycrdtReplica(), dict[int, int]()
    for each in slices(update, 256):
        replica.apply(each.cut(update), Origin.LOG)
        known |= each.ends
        assert read_vector(replica.state()) == known


def test_what_waits_for_an_update_that_is_missing_waits_in_slices_too() -> None:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for number in range(50):
        text.insert(0, f"<{number}>")
    doc.unobserve(subscription)
    gap = pycrdt.merge_updates(*updates[:20], *updates[21:])
    replica = PycrdtReplica()
    for part in cut(gap, 16):
        replica.apply(part, Origin.LOG)
    assert read_vector(replica.state()) != read_vector(doc.get_state())
    replica.apply(updates[20], Origin.LOG)
    fresh: pycrdt.Doc[Any] = pycrdt.Doc()
    fresh.apply_update(replica.snapshot())
    assert str(fresh.get("source", type=pycrdt.Text)) == str(text)


@pytest.mark.parametrize("update", [b"", b"\x00", b"\xff" * 9, b"\x01\x02\x03"])
def test_what_is_no_update_stays_in_one_piece_for_the_engine_to_refuse(update: bytes) -> None:
    assert cut(update, 64) == [update]


def test_nothing_is_one_slice() -> None:
    assert cut(b"\x00\x00", 64) == [b"\x00\x00"]
