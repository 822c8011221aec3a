"""A whole document as bytes: what is kept, and what is sent, is always all of it."""

from typing import Any

import pycrdt
import pytest

from jupyter_live import protocol
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.engine.slices import slices
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin
from jupyter_live.protocol import Kind
from jupyter_live.whole import Base, Whole, pack


class Typist:
    """A client, whose document is the truth."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.updates: list[bytes] = []
        self._subscription = self.doc.observe(lambda event: self.updates.append(event.update))

    def type(self, times: int) -> None:
        for number in range(times):
            self.text.insert(len(self.text) // 2, f"<{number} and some more>")


async def begun(typist: Typist, size: int = 200) -> Whole:
    engine = PycrdtEngine()
    whole = Whole(engine.replica(), engine)
    update = typist.doc.get_update()
    await whole.begin(Base(update, slices(update, size)), lambda each: whole.replica.apply(each, Origin.LOG))
    return whole


def frames(whole: Whole, doc: pycrdt.Doc[Any]) -> list[protocol.Frame]:
    """What a client with this document is sent; it takes it."""
    answer = [protocol.read(frame) for frame in whole.answer(doc.get_state())]
    assert [frame.kind for frame in answer] == [Kind.UPDATE] * (len(answer) - 1) + [Kind.STEP2]
    for frame in answer:
        doc.apply_update(frame.payload)
    return answer


def text(doc: pycrdt.Doc[Any]) -> str:
    return str(doc.get("source", type=pycrdt.Text))


async def test_a_newcomer_gets_the_slices_and_then_what_came_since() -> None:
    typist = Typist()
    typist.type(100)
    whole = await begun(typist)
    before = len(typist.updates)
    typist.type(3)
    del typist.text[0:5]
    for update in typist.updates[before:]:
        whole.replica.apply(update, Origin.MEMBER)
    first: pycrdt.Doc[Any] = pycrdt.Doc()
    assert len(frames(whole, first)) > 5
    assert text(first) == str(typist.text)
    assert len(frames(whole, first)) == 1, "who has the slices is not sent them again"
    read: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in whole.updates():
        read.apply_update(update)
    assert text(read) == str(typist.text)


async def test_who_was_cut_off_between_two_slices_gets_the_others() -> None:
    typist = Typist()
    typist.type(100)
    whole = await begun(typist)
    half: pycrdt.Doc[Any] = pycrdt.Doc()
    answer = whole.answer(half.get_state())
    for frame in answer[: len(answer) // 2]:
        half.apply_update(protocol.read(frame).payload)
    half.get("source", type=pycrdt.Text).insert(0, "typed offline ")
    rest = frames(whole, half)
    assert 1 < len(rest) < len(answer)
    assert text(half).replace("typed offline ", "") == str(typist.text)


async def test_frames_are_made_once_for_all() -> None:
    typist = Typist()
    typist.type(100)
    whole = await begun(typist)
    one, other = whole.answer(b"\x00"), whole.answer(b"\x00")
    assert all(a is b for a, b in zip(one[:-1], other[:-1], strict=True))


async def test_a_small_document_is_one_step_2() -> None:
    engine, typist = PycrdtEngine(), Typist()
    typist.type(10)
    whole = Whole(engine.replica(), engine)
    whole.replica.apply(typist.doc.get_update(), Origin.LOG)
    assert [protocol.read(frame).kind for frame in whole.answer(b"\x00")] == [Kind.STEP2]
    assert len(whole.updates()) == 1


async def test_a_base_with_what_waits_is_still_whole_when_the_missing_update_comes() -> None:
    engine, typist = PycrdtEngine(), Typist()
    typist.type(40)
    whole = Whole(engine.replica(), engine)
    known = [*typist.updates[:20], *typist.updates[21:]]
    for update in known:
        whole.replica.apply(update, Origin.MEMBER)
    await whole.begin(pack(engine, known))
    whole.replica.apply(typist.updates[20], Origin.MEMBER)
    newcomer: pycrdt.Doc[Any] = pycrdt.Doc()
    frames(whole, newcomer)
    assert text(newcomer) == str(typist.text)


async def test_a_document_that_has_grown_gets_a_new_base() -> None:
    engine, typist = PycrdtEngine(), Typist()
    typist.type(10)
    whole = Whole(engine.replica(), engine)
    whole.replica.apply(typist.doc.get_update(), Origin.LOG)
    for number in range(30):
        typist.text += f"{number} " * 20_000
        whole.replica.apply(typist.updates[-1], Origin.MEMBER)
    assert len(whole.updates()[-1]) > 1_000_000
    await whole.renew()
    assert len(whole.updates()[-1]) < 100
    newcomer: pycrdt.Doc[Any] = pycrdt.Doc()
    assert len(frames(whole, newcomer)) > 1
    assert text(newcomer) == str(typist.text)


async def test_of_a_large_copy_only_what_is_new_is_taken_with_what_it_deletes() -> None:
    typist = Typist()
    typist.text += "long " * 200_000
    typist.type(5)
    whole = await begun(typist)
    typist.type(1)
    del typist.text[0:5]
    [lacking] = await whole.lacking([typist.doc.get_update()])
    assert len(lacking) < 200
    assert whole.replica.apply(lacking, Origin.MEMBER)
    newcomer: pycrdt.Doc[Any] = pycrdt.Doc()
    frames(whole, newcomer)
    assert text(newcomer) == str(typist.text)
    with pytest.raises(LiveError):
        await whole.lacking([typist.doc.get_update(), b"\x01\x02"])


@pytest.mark.parametrize("state", [b"", b"\xff\xff\xff\xff\x0f", b"\x02\x01"])
async def test_what_is_no_state_vector_is_refused(state: bytes) -> None:
    typist = Typist()
    typist.type(100)
    with pytest.raises(LiveError) as caught:
        (await begun(typist)).answer(state)
    assert caught.value.code == "malformed_frame"
