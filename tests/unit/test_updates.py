"""Our own reading of updates agrees with the engine's, on random scripts of edits."""

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine.updates import Ranges, deletes_within, missing_deletes, read_deletes, read_vector

SEEDS = range(40)


class Script:
    """Three people who edit one text and one list of maps, and sync now and then."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.docs: list[pycrdt.Doc[Any]] = [pycrdt.Doc() for _ in range(3)]
        self.updates: list[bytes] = []
        self._subscriptions = [doc.observe(lambda event: self.updates.append(event.update)) for doc in self.docs]

    def play(self, steps: int) -> None:
        for _ in range(steps):
            doc = self.chance.choice(self.docs)
            if self.chance.random() < 0.2:
                other = self.chance.choice(self.docs)
                doc.apply_update(other.get_update(doc.get_state()))
            else:
                self._edit(doc)

    def _edit(self, doc: pycrdt.Doc[Any]) -> None:
        text, cells = doc.get("text", type=pycrdt.Text), doc.get("cells", type=pycrdt.Array)
        what = self.chance.randrange(4)
        if what == 0:
            text += self.chance.choice(["ab", "😀", "line\n"])
        elif what == 1 and len(str(text)):
            del text[:]  # whole, as an offset could fall into an emoji
        elif what == 2 or not len(cells):
            cells.insert(self.chance.randint(0, len(cells)), pycrdt.Map({"source": pycrdt.Text("x")}))
        else:
            del cells[self.chance.randrange(len(cells))]

    def merged(self) -> pycrdt.Doc[Any]:
        whole: pycrdt.Doc[Any] = pycrdt.Doc()
        for doc in self.docs:
            whole.apply_update(doc.get_update())
        return whole


def deletes_of(doc: pycrdt.Doc[Any]) -> Ranges:
    """An update for someone who has everything carries the delete set alone."""
    return read_deletes(doc.get_update(doc.get_state()))


def elements(ranges: Ranges) -> set[tuple[int, int]]:
    return {
        (client, clock) for client, parts in ranges.items() for first, last in parts for clock in range(first, last)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_vectors_read_as_the_engine_wrote_them(seed: int) -> None:
    script = Script(seed)
    script.play(40)
    whole = script.merged()
    vector = read_vector(whole.get_state())
    for doc in script.docs:
        for client, clock in read_vector(doc.get_state()).items():
            assert vector[client] >= clock, f"seed {seed}"
    rebuilt = pycrdt.Doc[Any]()
    rebuilt.apply_update(whole.get_update())
    assert read_vector(rebuilt.get_state()) == vector, f"seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_deletes_add_up_to_those_of_the_whole(seed: int) -> None:
    script = Script(seed)
    script.play(60)
    whole = script.merged()
    union = set[tuple[int, int]]().union(*(elements(deletes_of(doc)) for doc in script.docs))
    # Content in a deleted cell is deleted with it, also what another one put there: the whole may have more.
    assert union <= elements(deletes_of(whole)), f"seed {seed}"
    assert all(clock < read_vector(whole.get_state())[client] for client, clock in union), f"seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_update_is_within_a_document_exactly_when_applying_it_changes_nothing(seed: int) -> None:
    script = Script(seed)
    script.play(60)
    whole = script.merged()
    for doc in [*script.docs, whole]:
        for other in [*script.docs, whole]:
            inner, outer = deletes_of(other), deletes_of(doc)
            expected = elements(inner) <= elements(outer)
            assert deletes_within(inner, outer) is expected, f"seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_are_compared_as_sets(seed: int) -> None:
    """Also in ways that the engine never writes them: split, touching, overlapping the end."""
    chance = random.Random(seed)

    def some() -> Ranges:
        ranges: Ranges = {}
        for client in range(3):
            cuts = sorted(chance.sample(range(12), 2 * chance.randint(0, 3)))
            parts = list(zip(cuts[::2], cuts[1::2], strict=True))
            if chance.random() < 0.5:  # the same set in touching pieces
                parts = [piece for a, b in parts for piece in ([(a, a + 1), (a + 1, b)] if b - a > 1 else [(a, b)])]
            if parts:
                ranges[client] = parts
        return ranges

    for _ in range(200):
        inner, outer = some(), some()
        assert deletes_within(inner, outer) is (elements(inner) <= elements(outer)), f"seed {seed}: {inner} {outer}"


@pytest.mark.parametrize("seed", SEEDS)
def test_missing_deletes_are_those_of_clocks_that_have_not_come(seed: int) -> None:
    script = Script(seed)
    script.play(60)
    whole = script.merged()
    for doc in script.docs:
        deletes = whole.get_update(whole.get_state())  # no structs, all deletes
        known = read_vector(doc.get_state())
        expected = any(clock >= known.get(client, 0) for client, clock in elements(deletes_of(whole)))
        assert missing_deletes(deletes, doc.get_state()) is expected, f"seed {seed}"
