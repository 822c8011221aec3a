"""What people do in these tests, and what they should see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_live.testing import LiveClient


def write(client: LiveClient, line: str) -> None:
    """Add a line to the end of a text."""
    text = client.text
    text += f"{line}\n"


async def all_see(people: Sequence[LiveClient], *lines: str) -> None:
    """Wait until everybody has these lines, and the same text."""
    for person in people:
        await _until_seen(person, lines)
    for person in people:  # somebody may have got more than the lines meanwhile
        await _until_same(person, people[0])


async def all_saved(people: Sequence[LiveClient]) -> None:
    """Wait until everybody is told that log and file have all."""
    for person in people:
        await all_logged([person])
        await _until_saved(person)


async def all_logged(people: Sequence[LiveClient]) -> None:
    for person in people:
        await _until_logged(person)


async def is_told(person: LiveClient, code: str | None) -> None:
    """Wait until a person is told of this trouble, or of none."""
    await person.until(lambda: person.latest("state").get("code", "") == code)


async def sees(person: LiveClient, other: LiveClient, gone: bool = False, **state: Any) -> None:
    """Wait until a person sees another one so, or no more."""

    def is_so() -> bool:
        shown = person.awareness.get(other.doc.client_id)
        return shown is None if gone else shown is not None and shown.items() >= state.items()

    await person.until(is_so)


async def _until_seen(person: LiveClient, lines: Sequence[str]) -> None:
    await person.until(lambda: all(f"{line}\n" in str(person.text) for line in lines))


async def _until_same(person: LiveClient, other: LiveClient) -> None:
    await person.until(lambda: str(person.text) == str(other.text))


async def _until_logged(person: LiveClient) -> None:
    await person.until(lambda: person.is_logged)


async def _until_saved(person: LiveClient) -> None:
    await person.until(lambda: person.is_saved and person.latest("state").get("file") == "saved")
