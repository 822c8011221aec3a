"""y-py passes what every engine must; the hostile part is not promised, and the end of this file shows why."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pycrdt
import pytest

if sys.version_info >= (3, 13):  # there are no wheels; where there are some, a missing y-py is a mistake
    pytest.importorskip("y_py")

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.engine.updates import read_vector, write_vector
from jupyter_live.engine.ypy import YpyEngine, YpyReplica, labels
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin
from jupyter_live.testing import EngineContract
from jupyter_live.testing.engine import read, typed

BOMB = "ffffffff0f"  # claims 2^32 - 1 clients


class TestYpy(EngineContract):
    @pytest.fixture
    def engine(self) -> YpyEngine:
        return YpyEngine()


def test_says_that_it_is_not_hardened() -> None:
    assert not YpyEngine.is_hardened


def test_other_labels_are_given_when_there_is_none_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is the same, also what waits, and the replica's own edits."""
    monkeypatch.setattr(labels, "CLIENTS", 16)
    ours, theirs = YpyReplica(), PycrdtEngine().replica()
    put = ours.put({"path": "a.txt"})
    assert put is not None and theirs.apply(put, Origin.SERVER)
    first, *waiting = typed(*"waits", client_id=3)
    for update in waiting:
        ours.apply(update, Origin.MEMBER)
        theirs.apply(update, Origin.MEMBER)
    for n in range(10):
        (update,) = typed(f"{n} ", client_id=2**52 + 7 * n % 10)
        ours.apply(update, Origin.MEMBER)
        theirs.apply(update, Origin.MEMBER)
    assert ours.apply(first, Origin.MEMBER) and theirs.apply(first, Origin.MEMBER)
    assert read(ours.snapshot()) == read(theirs.snapshot())
    assert read_vector(ours.state()) == read_vector(theirs.state())
    assert ours.put({"path": "a.txt"}) is None


@pytest.mark.parametrize("known", range(9))
def test_what_overlaps_is_merged_piece_by_piece(known: int) -> None:
    """Texts, lists and deleted text that were cut otherwise by everybody who sent them."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=2**52)
    text, numbers = doc.get("source", type=pycrdt.Text), doc.get("numbers", type=pycrdt.Array)
    text += "abcd"
    numbers.extend([1, "two", [3], {"four": None}])
    del text[1:3]
    whole = doc.get_update()
    merged = YpyEngine().merge([doc.get_update(write_vector({2**52: known})), whole])
    copy: pycrdt.Doc[Any] = pycrdt.Doc()
    copy.apply_update(merged)
    assert copy.get_update() == whole


def test_a_replica_goes_with_its_last_user() -> None:
    """Without the collector of garbage, which may run in a thread in which y-py panics."""
    replica = YpyReplica("notebook")
    replica.apply(typed("text")[0], Origin.MEMBER)
    there = weakref.ref(replica)
    gc.disable()
    try:
        del replica
        assert there() is None
    finally:
        gc.enable()


def test_five_bytes_end_a_process_that_trusts_y_py() -> None:
    """A defect of y-py: it takes memory for as many clients as the bytes claim. Ours are refused before."""
    code = f"import y_py; y_py.apply_update(y_py.YDoc(), bytes.fromhex({BOMB!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode not in (0, 1), "not an exception: the end"
    assert "Traceback" not in done.stderr
    with pytest.raises(LiveError):
        YpyReplica().apply(bytes.fromhex(BOMB), Origin.RELAY)


def test_y_py_reads_half_of_a_client_id() -> None:
    """A defect of y-py, for which `Labels` are made."""
    import y_py

    doc = y_py.YDoc()
    y_py.apply_update(doc, typed("text", client_id=2**32 + 5)[0])
    assert read_vector(y_py.encode_state_vector(doc)) == {5: 4}
