"""What the log keeps stays a small multiple of the document, whatever happens to it for however long."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from django.db.models import Sum
from django.db.models.functions import Length

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.ids import DocumentId, Origin, Seq
from jupyter_live.log import Entry, FileMark, Fingerprints, compaction
from jupyter_live.log.database import SLACK
from jupyter_live.models import Update
from logs.making import PAGE, size_of, sql_log

ONE = DocumentId("text:file:one")
SAVE_EVERY = 25  # steps: someone who types fast, and a file that is saved every few seconds
NOTE, ROW = 150, 450  # bytes of a small row at most: by itself, and as it takes place in the database, with its index


class Person:
    """Someone with a document of their own, and the updates that their changes make."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._updates: list[bytes] = []
        self._subscription = self.doc.observe(lambda event: self._updates.append(event.update))

    def update(self) -> bytes:
        """What was changed since the last time, in one transaction."""
        return self._updates.pop()


def typing(steps: int) -> Iterator[bytes]:
    """A day of keystrokes here and there, a quarter of which delete."""
    chance, person = random.Random(1), Person()
    text = person.doc.get("source", type=pycrdt.Text)
    at = length = 0
    for _ in range(steps):
        if chance.random() < 0.02:
            at = chance.randrange(length + 1)
        if at and chance.random() < 0.25:
            del text[at - 1 : at]
            at, length = at - 1, length - 1
        else:
            text.insert(at, chance.choice("abcdefgh \n"))
            at, length = at + 1, length + 1
        yield person.update()


def printing(steps: int) -> Iterator[bytes]:
    """A cell that prints for hours."""
    person = Person()
    text = person.doc.get("source", type=pycrdt.Text)
    length = 0
    for step in range(steps):
        line = f"step {step:6}: {step % 997}\n"
        text.insert(length, line)
        length += len(line)
        yield person.update()


def clearing(steps: int) -> Iterator[bytes]:
    """A progress bar: the same output cleared and written again."""
    person = Person()
    outputs = person.doc.get("outputs", type=pycrdt.Array)
    for step in range(steps):
        with person.doc.transaction():
            outputs.clear()
            outputs.append(pycrdt.Map({"output_type": "stream", "text": pycrdt.Text(f"{step} of {steps} " * 20)}))
        yield person.update()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that may always be there are fewer than in earnest: what is bounded shows sooner."""
    monkeypatch.setattr(compaction, "ROWS", 100)
    monkeypatch.setattr(compaction, "MANY_ROWS", 500)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("saved", [True, False], ids=["saved", "never-saved"])
@pytest.mark.parametrize(("working", "steps"), [(typing, 30_000), (printing, 10_000), (clearing, 6_000)])
async def test_what_is_stored_is_bounded_by_the_document(
    database: Path, working: Callable[[int], Iterator[bytes]], steps: int, saved: bool
) -> None:
    log, replica = sql_log(), PycrdtEngine().replica()
    history = await log.begin(ONE, replica.snapshot(), Fingerprints(FileMark("empty")))
    seqs = [Seq(0)]
    raw = 0
    for step, update in enumerate(working(steps), 1):
        raw += len(update)
        replica.apply(update, Origin.MEMBER)
        log.append(Entry(ONE, history.epoch, update, "ada", seqs.append))
        if step % SAVE_EVERY == 0:
            await log.flush()
        if saved and step % SAVE_EVERY == 0:
            log.mark(ONE, history.epoch, Fingerprints(FileMark("saved", seqs[-1])))
            note = replica.put({"hash": f"{step:064}", "dirty": False})
            assert note is not None
            raw += len(note)
            log.append(Entry(ONE, history.epoch, note, "", seqs.append))
        if step % (steps // 10) == 0:
            await log.flush()
            document, stored = len(replica.snapshot()), await log._thread.run(_stored)
            assert stored <= 2.5 * document + compaction.MANY_ROWS * NOTE, f"step {step}"
            assert size_of(database) <= 4 * document + (compaction.MANY_ROWS * ROW + SLACK * PAGE), f"step {step}"
    document = len(replica.snapshot())
    assert raw + steps * (ROW - NOTE) > 10 * document, "else this tests nothing"
    await log.compact(ONE)
    kept = await log.load(ONE)
    assert kept is not None and (kept.base_seq > 0) == saved and len(kept.rows) <= 1
    assert await log._thread.run(_stored) <= 1.2 * document
    await log.close()
    assert size_of(database) <= 1.5 * document + 2 * SLACK * PAGE, "free pages went back to the disk"


async def test_notes_about_saves_do_not_pile_up() -> None:
    engine = PycrdtEngine()
    replica = engine.replica()
    notes = [replica.put({"hash": f"{save:064}", "dirty": False}) for save in range(3000)]
    assert len(engine.fold([note for note in notes if note])) < 300


def _stored() -> int:
    size: int = Update.objects.aggregate(size=Sum(Length("data")))["size"]
    return size
