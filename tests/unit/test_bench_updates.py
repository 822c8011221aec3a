"""The benchmarks' encoder and reader of updates, against a real CRDT."""

from __future__ import annotations

from typing import Any

import pycrdt

from benchmarks.structs import ranges, states
from benchmarks.updates import ROOT, Typist, expected
from jupyter_live.protocol import AwarenessEntry, write_awareness


def recorded(doc: pycrdt.Doc[Any]) -> list[bytes]:
    """Every update that `doc` makes from now on."""
    updates: list[bytes] = []
    doc._kept = doc.observe(lambda event: updates.append(event.update))  # type: ignore[attr-defined]
    return updates


def test_what_is_typed_by_hand_is_what_a_real_document_says() -> None:
    typists = [Typist(2**32 - 5), Typist(7), Typist(70_000, piece=40)]
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for turn in range(300):
        doc.apply_update(typists[turn % 3].type()[0])
    assert str(doc.get(ROOT, type=pycrdt.Text)) == expected(typists)
    assert len(expected(typists)) == 100 + 100 + 4000


def test_ranges_tell_the_clocks_of_every_kind_of_content() -> None:
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=300)
    updates = recorded(doc)
    text = doc.get(ROOT, type=pycrdt.Text)
    cells = doc.get("cells", type=pycrdt.Array)
    state = doc.get("state", type=pycrdt.Map)
    text += "one 😀"  # two of JavaScript's characters
    text.format(0, 3, {"bold": True})
    cells.append(pycrdt.Map({"source": pycrdt.Text("x"), "n": 2**40, "f": 0.1, "l": [None, True, {"a": b"1"}]}))
    state["dirty"] = False
    del text[0:2]
    text.insert(1, "é")
    clock = 0
    for update in updates:
        for client, start, end in ranges(update):
            assert (client, start) == (300, clock)
            clock = end
    assert ranges(doc.get_update()) == [(300, 0, clock)]


def test_ranges_of_several_clients_and_with_a_hole() -> None:
    first, second = Typist(1000), Typist(2000)
    made = [first.type()[0], second.type()[0], first.type()[0], first.type()[0]]
    assert sorted(ranges(pycrdt.merge_updates(*made))) == [(1000, 0, 3), (2000, 0, 1)]
    assert ranges(pycrdt.merge_updates(made[0], made[3])) == [(1000, 0, 1), (1000, 2, 3)]


def test_states_tell_the_newest_clock_of_each_client() -> None:
    payload = write_awareness([AwarenessEntry(5, 200, '{"name": "é"}'), AwarenessEntry(6, 1, "null")])
    assert states(payload) == [(5, 0, 200), (6, 0, 1)]
