"""What is handed in comes into the document once, however often it is handed in, and whatever happens in between."""

from collections.abc import Sequence
from typing import Any

import pycrdt
import pytest

from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.handin import hand_in
from jupyter_live.held import Held
from jupyter_live.ids import DocumentId, Epoch
from jupyter_live.room import Room
from room.making import HeldLog, accept, content, join

OLD = Epoch("before")


def copy(base: str, *typed: str) -> Held:
    """What a client holds of a former history, whose file was `base` and who has put lines in at its end."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += base
    before, state = doc.get_update(), doc.get_state()
    for line in typed:
        text += f"{line}\n"
    return Held(OLD, before, doc.get_update(state))


def with_more(held: Held, line: str) -> Held:
    """The same copy when one more line was typed."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in held.updates:
        doc.apply_update(update)
    doc.get("source", type=pycrdt.Text).insert(len(str(doc.get("source", type=pycrdt.Text))), f"{line}\n")
    return Held(held.epoch, held.base, doc.get_update())


def lines(room: Room) -> list[str]:
    return str(convert.to_content("file", *room.whole.updates()).value).split()


def take_out(room: Room, part: str) -> None:
    """Somebody deletes a part of the text."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in room.whole.updates():
        doc.apply_update(update)
    text, state = doc.get("source", type=pycrdt.Text), doc.get_state()
    start = str(text).index(part)
    del text[start : start + len(part)]
    accept(room, doc.get_update(state), join(room))


def fail(log: HeldLog, monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
    """What `name` is asked for fails so many times."""
    left, goes = times, getattr(log, name)

    async def failing(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            raise LiveError("log_failed")
        return await goes(*arguments, **options)

    monkeypatch.setattr(log, name, failing)


async def test_again_after_the_log_has_failed(room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch) -> None:
    held = copy("one\n", "hers")
    fail(log, monkeypatch, "flush", 1)
    with pytest.raises(LiveError, match="log_failed"):
        await hand_in(room, held, "ada")
    assert lines(room) == ["one", "hers"]
    take_out(room, "hers\n")
    result = await hand_in(room, held, "ada")
    assert result.outcome == "rebased" and lines(room) == ["one"], "what has been deleted since does not come back"


async def test_with_more_after_the_log_has_failed(room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch) -> None:
    held = copy("one\n", "hers")
    fail(log, monkeypatch, "flush", 1)
    with pytest.raises(LiveError, match="log_failed"):
        await hand_in(room, held, "ada")
    take_out(room, "hers\n")
    await hand_in(room, with_more(held, "more"), "ada")
    assert lines(room) == ["one", "more"]


async def test_what_could_not_be_remembered_is_with_the_next(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: list[Sequence[bytes]] = []

    async def remember(document: DocumentId, epoch: Epoch, updates: Sequence[bytes]) -> None:
        remembered.append(updates)

    log.remember = remember  # type: ignore[method-assign]
    fail(log, monkeypatch, "remember", 1)
    first, second = copy("one\n", "hers"), copy("one\n", "his")
    await hand_in(room, first, "ada")
    assert remembered == []
    await hand_in(room, second, "bob")
    [[whole]] = remembered
    assert sorted(content(whole).split()) == ["hers", "his", "one", "one"], "two copies that began by themselves"


async def test_the_answer_is_the_same(room: Room) -> None:
    take_out(room, "ne")
    held = with_more(copy("one\n"), "hers")
    first = await hand_in(room, held, "ada")
    assert first.changed == 1 and await hand_in(room, held, "ada") == first
    assert lines(room) == ["o", "hers"]


@pytest.mark.parametrize("is_file_known", [True, False])
async def test_what_a_lost_log_had_alone_comes_from_whoever_has_it(
    room: Room, log: HeldLog, monkeypatch: pytest.MonkeyPatch, is_file_known: bool
) -> None:
    """Also where it was handed in for the rest alone, as a moved cell is."""
    fail(log, monkeypatch, "remember", 9)  # it is kept here then
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "one\n"
    in_file, file_state = doc.get_update(), doc.get_state()
    text += "logged\n"
    in_log = doc.get_update()
    text += "hers\n"
    mine = doc.get_update()
    hers = Held(OLD, in_file, doc.get_update(file_state), in_log) if is_file_known else Held(OLD, b"", mine, in_log)
    await hand_in(room, hers, "ada")
    assert lines(room) == (["one", "logged", "hers"] if is_file_known else ["one", "hers"])
    await hand_in(room, Held(OLD, in_file, doc.get_update(file_state)), "bob")
    assert sorted(lines(room)) == ["hers", "logged", "one"]
