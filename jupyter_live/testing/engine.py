"""The contract of an engine, and of one that stands hostile bytes."""

from __future__ import annotations

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine import Engine
from jupyter_live.engine.updates import read_vector
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin


def typed(*pieces: str, client_id: int | None = None) -> list[bytes]:
    """Updates of someone who appends `pieces` to a text; a piece "\\b" deletes the first character instead."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id) if client_id else pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for piece in pieces:
        if piece == "\b":
            del text[0:1]
        else:
            text += piece
    doc.unobserve(subscription)
    return updates


def read(snapshot: bytes) -> str:
    """The text of a document made with `typed`."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(snapshot)
    return str(doc.get("source", type=pycrdt.Text))


class EngineContract:
    """What every engine must pass. Inherit, and give a fixture `engine`."""

    @pytest.fixture
    def engine(self) -> Engine:
        raise NotImplementedError

    def test_applies_and_says_whether_it_was_news(self, engine: Engine) -> None:
        replica = engine.replica()
        (update,) = typed("héllo 😀")
        assert replica.apply(update, Origin.MEMBER)
        assert not replica.apply(update, Origin.MEMBER)
        assert read(replica.snapshot()) == "héllo 😀"

    def test_brings_tells_what_apply_would_without_touching_the_document(self, engine: Engine) -> None:
        replica = engine.replica()
        written, deleted = typed("ab", "\b")
        assert replica.brings(written)
        replica.apply(written, Origin.MEMBER)
        assert not replica.brings(written)
        assert replica.brings(deleted)
        before = replica.snapshot()
        assert replica.brings(deleted) and replica.snapshot() == before
        replica.apply(deleted, Origin.MEMBER)
        assert not replica.brings(deleted)
        assert not replica.brings(replica.snapshot())

    def test_any_order_gives_the_same_document(self, engine: Engine) -> None:
        updates = typed("a", "b", "😀", "\b", "c", "\b", "\b", "d")
        orderly = engine.replica()
        for update in updates:
            orderly.apply(update, Origin.MEMBER)
        for seed in range(20):
            replica = engine.replica()
            shuffled = [*updates, *updates[:3]]
            random.Random(seed).shuffle(shuffled)
            for update in shuffled:
                replica.apply(update, Origin.MEMBER)
            assert read(replica.snapshot()) == read(orderly.snapshot()), f"seed {seed}"

    @pytest.mark.parametrize("waiting", [1, 2, 3])
    def test_what_waits_is_news_and_is_in_snapshot_diff_and_fold(self, engine: Engine, waiting: int) -> None:
        """Rule 5: also a delete whose target has not come yet waits."""
        updates = typed("a", "b", "c", "\b")
        missing, rest = updates[waiting - 1], updates[waiting:]
        replica = engine.replica()
        for update in updates[: waiting - 1]:
            replica.apply(update, Origin.MEMBER)
        for update in rest:
            assert replica.apply(update, Origin.MEMBER), "waiting updates are news"
        for copy in (replica.snapshot(), replica.diff(b"\x00"), engine.fold([replica.snapshot()])):
            other = engine.replica()
            other.apply(copy, Origin.LOG)
            other.apply(missing, Origin.MEMBER)
            assert read(other.snapshot()) == "bc"

    def test_one_waiting_row_does_not_make_a_large_document_unreadable(self, engine: Engine) -> None:
        """What a fold has of the document itself does not wait, however large it is."""
        (large,) = typed("x" * 9 * 2**20)
        _, waiting = typed("never sent", "y")
        base = engine.fold([large, waiting])
        again = engine.fold([base, *typed("z")])
        assert len(read(again)) == 9 * 2**20 + 1

    def test_a_refusal_leaves_the_document_as_it_was(self, engine: Engine) -> None:
        replica = engine.replica()
        _, waiting = typed("never sent", "y" * 5 * 2**20)
        replica.apply(waiting, Origin.MEMBER)
        before = replica.snapshot()
        seen, missing, unseen = typed("seen", "missing", "z" * 5 * 2**20)
        with pytest.raises(LiveError):
            replica.apply(engine.merge([seen, unseen]), Origin.MEMBER)
        assert replica.snapshot() == before

    def test_diff_has_only_what_is_missing(self, engine: Engine) -> None:
        first, second = typed("a" * 10_000, "b")
        behind, ahead = engine.replica(), engine.replica()
        behind.apply(first, Origin.MEMBER)
        ahead.apply(first, Origin.MEMBER)
        ahead.apply(second, Origin.MEMBER)
        missing = ahead.diff(behind.state())
        assert len(missing) < 100
        assert behind.apply(missing, Origin.MEMBER) and behind.snapshot() == ahead.snapshot()

    def test_keeps_the_ids_and_the_order_of_clients(self, engine: Engine) -> None:
        """Of 32 bits, as Yjs makes them, and of 53, as pycrdt does; who comes first does not depend on the engine."""
        ids = [2**32 + 5, 5, 2**53 - 1, 2**52, 2**52 + 1, 2**32 - 1]
        updates = [typed(str(n), client_id=client)[0] for n, client in enumerate(ids)]
        replica = engine.replica()
        for update in updates:
            assert replica.apply(update, Origin.MEMBER)
        assert sorted(read_vector(replica.state())) == sorted(ids)
        orderly: pycrdt.Doc[Any] = pycrdt.Doc()
        for update in updates:
            orderly.apply_update(update)
        assert read(replica.snapshot()) == read(orderly.get_update())

    def test_takes_what_is_written_into_what_is_deleted_meanwhile(self, engine: Engine) -> None:
        """Also where nothing is left of that but that it was."""
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        cells = doc.get("cells", type=pycrdt.Array)
        cells.extend([pycrdt.Map({"source": pycrdt.Text(name)}) for name in "ab"])
        other: pycrdt.Doc[Any] = pycrdt.Doc()
        other.apply_update(doc.get_update())
        before = other.get_state()
        other.get("cells", type=pycrdt.Array)[0]["source"].insert(0, "written")
        written = other.get_update(before)
        knowing, late = engine.replica(), engine.replica()
        knowing.apply(doc.get_update(), Origin.LOG)
        del cells[0]
        for replica in (knowing, late):
            replica.apply(doc.get_update(), Origin.MEMBER)
            assert replica.apply(written, Origin.MEMBER)
            assert not replica.apply(written, Origin.MEMBER)
            copy: pycrdt.Doc[Any] = pycrdt.Doc()
            copy.apply_update(engine.fold([replica.snapshot()]))
            assert copy.get("cells", type=pycrdt.Array).to_py() == [{"source": "b"}]
            assert read_vector(copy.get_state()) == read_vector(replica.state())

    def test_put_writes_once(self, engine: Engine) -> None:
        replica = engine.replica()
        update = replica.put({"dirty": False, "path": "a.ipynb"})
        assert update is not None
        assert replica.put({"dirty": False}) is None
        other = engine.replica()
        assert other.apply(update, Origin.RELAY)
        assert other.put({"dirty": False, "path": "a.ipynb"}) is None

    def test_tells_whether_two_cells_have_one_id(self, engine: Engine) -> None:
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        cells, replica = doc.get("cells", type=pycrdt.Array), engine.replica("notebook")

        def is_doubled() -> bool:
            replica.apply(doc.get_update(replica.state()), Origin.MEMBER)
            return replica.is_doubled

        cells.extend([pycrdt.Map({"id": name, "source": pycrdt.Text(name)}) for name in "ab"])
        assert not is_doubled()
        cells.append(pycrdt.Map({"id": "a"}))
        assert is_doubled()
        cells[0]["source"] += "!"
        assert is_doubled()
        del cells[0]
        assert not is_doubled()

    def test_lacking_is_what_a_replica_of_a_state_may_lack(self, engine: Engine) -> None:
        replica, updates = engine.replica(), typed("one ", "two ", "three ", "\b")
        for update in updates[:2]:
            replica.apply(update, Origin.LOG)
        lacking = engine.lacking(updates, replica.state())
        assert replica.apply(lacking, Origin.MEMBER) and read(replica.snapshot()) == "ne two three "
        assert not replica.apply(engine.lacking(updates, replica.state()), Origin.MEMBER)
        with pytest.raises(LiveError):
            engine.lacking([*updates, b"\x01\x02"], b"\x00")

    def test_fold_and_merge_keep_the_document(self, engine: Engine) -> None:
        updates = typed(*"some text", "\b", "\b", "!")
        for combined in (engine.merge(updates), engine.fold(updates)):
            assert read(combined) == "me text!"

    def test_fold_drops_deleted_content(self, engine: Engine) -> None:
        updates = typed("x" * 10_000, *(["\b"] * 10_000))
        assert len(engine.fold(updates)) < 200

    @pytest.mark.parametrize("split", range(1, 10))
    def test_fold_onto_gives_what_is_missing_in_any_steps(self, engine: Engine, split: int) -> None:
        updates = typed(*"text 😀", "\b", "\b", "!")
        before, after = updates[:split], updates[split:]
        first, rest = engine.fold(before), engine.fold_onto(before, after)
        assert read(engine.fold([first, rest])) == read(engine.fold(updates))
        replica = engine.replica()
        for update in (rest, first, rest):
            replica.apply(update, Origin.LOG)
        assert read(replica.snapshot()) == read(engine.fold(updates))

    @pytest.mark.parametrize("waiting", [1, 2, 3])
    @pytest.mark.parametrize("split", range(5))
    def test_fold_onto_keeps_what_waits(self, engine: Engine, waiting: int, split: int) -> None:
        """Rule 5."""
        updates = typed("a", "b", "c", "\b", "d")
        missing, rows = updates[waiting - 1], [*updates[: waiting - 1], *updates[waiting:]]
        folded = [engine.fold(rows[:split])] if split else []
        folded.append(engine.fold_onto(folded, rows[split:]))
        assert read(engine.fold([*folded, missing])) == "bcd"

    def test_fold_onto_drops_what_came_and_went(self, engine: Engine) -> None:
        base = typed("x" * 10_000)
        updates = typed("y" * 10_000, *(["\b"] * 10_000))
        assert len(engine.fold_onto(base, updates)) < 200

    def test_refuses_to_hoard_what_waits(self, engine: Engine) -> None:
        replica = engine.replica()
        with pytest.raises(LiveError) as caught:
            for client in range(1, 100):
                _, waiting = typed("never sent", "x" * 2**20, client_id=client)
                replica.apply(waiting, Origin.MEMBER)
        assert caught.value.code == "waiting_too_much"


class HostileEngineContract(EngineContract):
    """What an engine must pass, too, that is given the bytes of anybody: `is_hardened`."""

    def test_refuses_content_that_it_could_not_read_back(self, engine: Engine) -> None:
        """JSON as text: it waits here for a clock that never came, and would be in all that newcomers get."""
        update = b'\x01\x01\x01\x05\x02\x01\x01x\x01\x03"a"\x00'
        replica = engine.replica()
        with pytest.raises(LiveError, match="rejected_update"):
            replica.apply(update, Origin.MEMBER)
        assert replica.snapshot()

    def test_says_so(self, engine: Engine) -> None:
        assert engine.is_hardened

    @pytest.mark.parametrize(
        "update",
        [
            b"",
            b"\x00",
            b"\x01",
            b"garbage",
            b"\xff" * 40,
            bytes.fromhex("8080808008"),  # kills the process of an engine that trusts it
            bytes.fromhex("808080800180"),  # claims 2^28 clients
        ],
    )
    def test_rejects_what_is_no_update(self, engine: Engine, update: bytes) -> None:
        replica = engine.replica()
        replica.apply(typed("text")[0], Origin.MEMBER)
        before = replica.snapshot()
        with pytest.raises(LiveError) as caught:
            replica.apply(update, Origin.MEMBER)
        assert caught.value.code == "rejected_update"
        with pytest.raises(LiveError) as caught:
            replica.brings(update)
        assert caught.value.code == "rejected_update"
        assert replica.snapshot() == before

    def test_survives_mutated_updates(self, engine: Engine) -> None:
        """Whatever comes: a clear error or a sound document, never another exception."""
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        updates = typed(*"the quick brown 😀 fox", "\b", "\b")
        replica = engine.replica()
        for _ in range(3000):
            mutated = bytearray(chance.choice(updates))
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(mutated) + 1)
                what = chance.randrange(3)
                if what == 0:
                    mutated[at : at + 1] = bytes([chance.randrange(256)])
                elif what == 1:
                    del mutated[at : at + chance.randint(1, 3)]
                else:
                    mutated[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 6)))
            try:
                replica.apply(bytes(mutated), Origin.MEMBER)
            except LiveError as error:
                assert error.code in ("rejected_update", "waiting_too_much"), f"seed {seed}"
        good = typed("still sound")[0]
        assert replica.apply(good, Origin.MEMBER), f"seed {seed}"
        engine.fold([replica.snapshot()])
