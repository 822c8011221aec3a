"""Keystrokes: updates of one short text, how the next one of the same client begins, and many of them as one.

Nearly all that people send are keystrokes. What can be read off their bytes costs a tenth of what the engine takes.
Format: as in `updates.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jupyter_live.protocol import write_varuint

_NUMBER = rb"[\x80-\xff]{0,6}[\x00-\x7f]"
_ID = _NUMBER * 2
# One struct of one client: text that follows a character, or precedes one (`right`), or both.
_KEYSTROKE = re.compile(
    rb"\x01\x01(?P<client>" + _NUMBER + rb")(?P<clock>" + _NUMBER + rb")"
    rb"(?:\x84" + _ID + rb"|\x44(?P<right>" + _ID + rb")|\xc4" + _ID + rb"(?P<both>" + _ID + rb"))"
)

_SHORT = 0x80  # bytes of text whose length takes one byte


def match_keystroke(update: bytes) -> re.Match[bytes] | None:
    """All before the text of a keystroke: one short text, and nothing deleted. None for any other update.

    After the match come one byte with the length of the text, the text, and a zero. `client` and `clock` are numbers as
    they are written, `right` or `both` is the id of the character after it. What is so common is read in 1 us
    instead of 7.
    """
    head = _KEYSTROKE.match(update)
    if head is None:
        return None
    length = len(update) - head.end() - 2
    return head if 0 <= length < _SHORT and update[head.end()] == length and not update[-1] else None


def units(text: bytes) -> int:
    """Clocks that a text takes: its UTF-16 code units; 0 where it is no text."""
    if text.isascii():
        return len(text)
    try:
        return len(text.decode().encode("utf-16-le")) // 2
    except UnicodeError:
        return 0


def right_of(head: re.Match[bytes]) -> bytes:
    """The id of the character after a keystroke; empty where there is none."""
    return head["right"] or head["both"] or b""


def head_at(client: bytes, clock: bytes, last: bytes, right: bytes) -> bytes:
    """All before the text of a keystroke that goes on at `clock` where its client has just typed, up to `last`.

    All of them numbers as they are written.
    """
    return b"".join((b"\x01\x01", client, clock, b"\xc4" if right else b"\x84", client, last, right))


class _Text:
    """A keystroke, and those that go on with it."""

    def __init__(self, head: re.Match[bytes], text: bytes, end: int) -> None:
        self._begin = head.group()
        self._texts = [text]
        self._client = head["client"]
        self._right = right_of(head)
        self._end = end
        self._clock = write_varuint(end)
        self.next = head_at(self._client, self._clock, write_varuint(end - 1), self._right)

    def add(self, text: bytes, clocks: int) -> None:
        self._texts.append(text)
        self._end += clocks
        last = self._clock if clocks == 1 else write_varuint(self._end - 1)
        self._clock = write_varuint(self._end)
        self.next = head_at(self._client, self._clock, last, self._right)

    def update(self) -> bytes:
        text = b"".join(self._texts)
        return b"".join((self._begin, write_varuint(len(text)), text, b"\x00"))


def joined(updates: Sequence[bytes]) -> list[bytes]:
    """Updates that equal these together: each client's keystrokes that go on with one another are one.

    That is what the engine would make of them in the end. Of 500 keystrokes of 10 clients it takes 1.0 ms to merge
    them, and 0.01 ms to merge these 10, which takes 0.4 ms; and what is told and logged then is a seventh of the bytes.
    """
    found: list[bytes | _Text] = []
    latest: dict[bytes, _Text] = {}
    for update in updates:
        head = match_keystroke(update)
        text = update[head.end() + 1 : -1] if head else b""
        if head is None or not (clocks := units(text)):
            found.append(update)
        elif (run := latest.get(head["client"])) and run.next == head.group():
            run.add(text, clocks)
        else:
            latest[head["client"]] = run = _Text(head, text, _number(head["clock"]) + clocks)
            found.append(run)
    return [each if isinstance(each, bytes) else each.update() for each in found]


def _number(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * at for at, byte in enumerate(data))
