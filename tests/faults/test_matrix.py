"""The fault matrix: whatever happens to server, log and file, everybody ends equal and no edit is lost or doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from .cases import GROUPS, Case, File, Log, Person, Stop, cases
from .content import EDITED, NEW, NEW_OFFLINE, OFFLINE, OUTSIDE, REPLACED, START, TYPED, lines
from .group import Outcome, play

Outcomes = tuple[dict[Case, Outcome], str]


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Stop, Log], Outcomes]:
    """What came of all cases of a group: they share a server, since starting one is what takes time."""

    @cache
    def group(stop: Stop, log: Log) -> Outcomes:
        return asyncio.run(play(tmp_path_factory.mktemp("faults"), stop, log))

    return group


@pytest.fixture
def outcome(groups: Callable[[Stop, Log], Outcomes], case: Case) -> Outcome:
    found = groups(case.stop, case.log)[0][case]
    assert not found.error, f"{found.error}\n{found}"
    return found


@pytest.mark.parametrize("case", [case for group in GROUPS for case in cases(*group)], ids=str)
def test_all_end_equal_and_nothing_is_lost_or_doubled(case: Case, outcome: Outcome) -> None:
    assert outcome.client == outcome.fresh
    assert lines(outcome.client) == lines(outcome.file)
    names = [name for name, _ in outcome.client]
    assert len(set(names)) == len(names), f"no cell twice: {names}"
    found = lines(outcome.client)
    assert [line for line, times in Counter(found).items() if line and times > 1] == [], "no line twice"

    expect_own_edits(case, found)
    if case.file is File.REPLACED:
        assert set(lines(REPLACED)) <= {_plain(line) for line in found}
    else:
        expect_the_rest(case, found)


def expect_own_edits(case: Case, found: list[str]) -> None:
    text = "\n".join(found)
    if case.person is not Person.IDLE:
        assert (text.count(OFFLINE), text.count(NEW_OFFLINE)) == (1, 1), found
    if case.file is File.REPLACED and case.was_saved:
        # The other program threw it away with all the rest. It stays where it was edited once more, and where nobody
        # is left who knows that it had been in the file.
        assert text.count(TYPED) <= 1 and found.count(NEW) <= (case.log is not Log.KEPT), found
    else:
        is_edited = case.was_saved and case.person is not Person.IDLE
        is_moved = case.file is File.ORDER and case.kind.is_text  # a moved line is a new one
        versions = 2 if is_edited and (case.file is File.LINE or is_moved) else 1
        assert 1 <= text.count(TYPED) <= versions and found.count(NEW) == 1, found


def expect_the_rest(case: Case, found: list[str]) -> None:
    """Every other line is there, once, and in its order."""
    if case.kind.is_text:
        # What was typed into a line that another program had deleted or moved stands where that line was.
        found = [line if _plain(line) == EDITED else line.replace(f"{OFFLINE} ", "") for line in found]
    others = [line for line in lines(START) if line != EDITED]
    outside = {File.ELSEWHERE: "dora two"}.get(case.file)
    others = [line.replace(outside, f"{outside} {OUTSIDE}") if outside else line for line in others]
    if case.file is File.ORDER:
        others = (
            others[::-1] if case.kind.is_text else lines([(n, [x for x in ls if x in others]) for n, ls in START[::-1]])
        )
    assert [line for line in found if line in others] == others
    versions = [line for line in found if _plain(line) == EDITED]
    if case.file is File.LINE:
        assert "\n".join(versions).count(OUTSIDE) == 1
        is_conflict = case.person is not Person.IDLE or not case.was_saved
        assert len(versions) == 1 or (is_conflict and len(versions) == 2), versions
    elif case.file is File.ORDER and case.kind.is_text:
        assert 1 <= len(versions) <= 2
    else:
        assert len(versions) == 1
    known = {*others, *versions, NEW, NEW_OFFLINE, ""}
    assert [line for line in found if line not in known] == []


def _plain(line: str) -> str:
    for token in (TYPED, OFFLINE):
        line = line.replace(f"{token} ", "")
    return line.replace(f" {OUTSIDE}", "")


@pytest.mark.parametrize(("stop", "log"), GROUPS, ids=lambda part: part.value)
def test_the_server_met_no_error(groups: Callable[[Stop, Log], Outcomes], stop: Stop, log: Log) -> None:
    _, text = groups(stop, log)
    assert "Traceback" not in text, text


def test_the_matrix_is_complete() -> None:
    found = [case for group in GROUPS for case in cases(*group) if not case.is_late]
    assert len(set(found)) == len(Stop) * len(Log) * len(File) * len(Person) * 3 == 540
