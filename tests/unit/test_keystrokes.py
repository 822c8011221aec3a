"""Many keystrokes as few updates: whoever gets those has the same document, whatever came between."""

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine.keystrokes import joined, match_keystroke, units
from jupyter_live.engine.pycrdt import merge
from jupyter_live.protocol import write_varuint

TEXTS = ["a", "b", " ", "word", "ü", "🐍", "e\u0301", "\r\n", "x" * 120, "long " * 40]


class Typist:
    def __init__(self, client: int) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.at = 0
        self.sent: list[bytes] = []
        self._is_own = True
        self.doc.observe(lambda event: self.sent.append(event.update) if self._is_own else None)

    def type(self, text: str) -> None:
        before = str(self.text)[: self.at]
        self.text.insert(len(before.encode()), text)
        self.at = len(before) + len(text)

    def rub_out(self) -> None:
        before = str(self.text)[: self.at]
        if before:
            del self.text[len(before[:-1].encode()) : len(before.encode())]
            self.at -= 1

    def hear(self, updates: list[bytes]) -> None:
        self._is_own = False
        for update in updates:
            self.doc.apply_update(update)
        self._is_own = True


def text_of(updates: list[bytes]) -> str:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get("source", type=pycrdt.Text))


def some_work(plan: random.Random) -> list[bytes]:
    """What three people send who type, rub out and move, and hear of one another."""
    people = [Typist(client) for client in (3, 300, 2**40)]
    sent: list[bytes] = []
    heard = [0, 0, 0]
    for _ in range(150):
        who = plan.randrange(3)
        person = people[who]
        match plan.choices(["type", "move", "rub out", "hear"], [12, 1, 1, 1])[0]:
            case "type":
                person.type(plan.choice(TEXTS))
            case "move":
                person.at = plan.randint(0, len(str(person.text)))
            case "rub out":
                person.rub_out()
            case "hear":
                person.hear(sent[heard[who] :])
                heard[who] = len(sent)
        sent += person.sent
        person.sent.clear()
    return sent


@pytest.mark.parametrize("seed", range(60))
def test_joined_or_merged_they_make_the_same_document(seed: int) -> None:
    plan = random.Random(seed)
    sent = some_work(plan)
    whole = text_of(sent)
    few = joined(sent)
    assert len(few) < len(sent) / 2 and text_of(few) == whole
    # In any order, and some twice, as a process hears them that reads the log while it is told. Merged by the engine
    # only then: of single updates that wait for others pycrdt loses some, whether they are joined or not.
    repeated = [*sent, *plan.sample(sent, 20)]
    plan.shuffle(repeated)
    assert text_of([pycrdt.merge_updates(*joined(repeated))]) == text_of([merge(repeated)]) == whole
    pieces = []
    at = 0
    while at < len(sent):
        size = plan.randint(1, 30)
        pieces.append(merge(sent[max(0, at - plan.randint(0, 5)) : at + size]))
        at += size
    assert text_of(pieces) == whole
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(merge(sent))
    other: pycrdt.Doc[Any] = pycrdt.Doc()
    other.apply_update(pycrdt.merge_updates(*sent))
    assert doc.get_update() == other.get_update()


def keystroke(client: bytes, clock: int, text: bytes, *, after: int | None = None) -> bytes:
    origin = write_varuint(clock - 1 if after is None else after)
    head = b"\x01\x01" + client + write_varuint(clock) + b"\x84" + client + origin
    return head + write_varuint(len(text)) + text + b"\x00"


def test_one_who_types_on_is_one_update() -> None:
    client = write_varuint(2**31)
    letters = [keystroke(client, 300 + at, b"%d" % (at % 10)) for at in range(200)]
    (one,) = joined(letters)
    assert match_keystroke(one) is None, "its text is longer than that of a keystroke"
    assert one.endswith(b"0123456789\x00") and len(one) < 230


@pytest.mark.parametrize(
    "second",
    [
        keystroke(b"\x07", 12, b"b"),  # one is missing
        keystroke(b"\x07", 10, b"b"),  # known already
        keystroke(b"\x07", 11, b"b", after=3),  # elsewhere
        keystroke(b"\x08", 11, b"b", after=10),  # another client
        keystroke(b"\x87\x00", 11, b"b"),  # the same one, written otherwise
        keystroke(b"\x07", 11, b""),
        keystroke(b"\x07", 11, b"\xff"),  # no text
        b"\x00\x00",
    ],
)
def test_what_does_not_go_on_stays_as_it_is(second: bytes) -> None:
    first = keystroke(b"\x07", 10, b"a")
    assert joined([first, second]) == [first, second]


def test_clocks_are_counted_as_utf_16_has_them() -> None:
    assert [units(text.encode()) for text in ("", "ab", "ü", "🐍x")] == [0, 2, 1, 3]
    first, second = keystroke(b"\x07", 10, "🐍".encode()), keystroke(b"\x07", 12, b"x")
    assert len(joined([first, second])) == 1
