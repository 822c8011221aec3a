"""Outputs of cells that were run outside."""

from typing import Any

import pycrdt

from .documents import Live, cell, notebook, stream

RESULT = {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "2"}, "metadata": {}}


def ran(*outputs: dict[str, Any], count: int | None = 1) -> dict[str, Any]:
    return notebook(cell("a", "1 + 1", outputs=list(outputs), execution_count=count))


def outputs(live: Live) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = live.value["cells"][0]["outputs"]
    return found


def test_a_cell_run_outside_gets_its_outputs_and_number() -> None:
    live = Live(ran(count=None))
    assert live.merge(ran(count=None), ran(stream("hi\n"), RESULT)).changed == 1
    assert live.value == ran(stream("hi\n"), RESULT)


def test_text_that_was_printed_on_is_appended() -> None:
    live = Live(ran(stream("one\n")))
    text = live.cells[0]["outputs"][0]["text"]
    live.merge(ran(stream("one\n")), ran(stream("one\ntwo 😀\n"), RESULT))
    assert isinstance(text, pycrdt.Text) and str(text) == "one\ntwo 😀\n"
    assert outputs(live) == [stream("one\ntwo 😀\n"), RESULT]


def test_outputs_that_did_not_change_are_not_written_again() -> None:
    live = Live(ran(stream("one\n"), RESULT, stream("end\n")))
    first, last = live.cells[0]["outputs"][0]["text"], live.cells[0]["outputs"][2]["text"]
    live.merge(
        ran(stream("one\n"), RESULT, stream("end\n")), ran(stream("one\n"), stream("err", "stderr"), stream("end\n"))
    )
    assert outputs(live) == [stream("one\n"), stream("err", "stderr"), stream("end\n")]
    assert (str(first), str(last)) == ("one\n", "end\n")


def test_outputs_cleared_outside_are_cleared() -> None:
    live = Live(ran(RESULT))
    live.merge(ran(RESULT), ran(count=None))
    assert live.value == ran(count=None)


def test_where_both_sides_ran_a_cell_lives_outputs_come_first_and_the_others_once() -> None:
    live = Live(ran(stream("live\n"), count=7))
    base, changed = ran(stream("old\n")), ran(stream("file\n"), RESULT, count=9)
    assert live.merge(base, changed).conflicts == ()
    assert outputs(live) == [stream("live\n"), stream("file\n"), RESULT]
    assert live.value["cells"][0]["execution_count"] == 7
    assert live.merge(base, changed).update is None


def test_less_of_the_same_text_is_not_shown_beside_more_of_it() -> None:
    for theirs, mine in (("1\n2\n", "1\n2\n3\n"), ("1\n2\n3\n", "1\n2\n")):
        live = Live(ran(stream(theirs)))
        live.merge(ran(), ran(stream(mine)))
        assert outputs(live) == [stream("1\n2\n3\n")]


def test_outputs_cleared_in_live_stay_cleared_unless_the_cell_was_run() -> None:
    live = Live(ran())
    live.merge(ran(RESULT), ran(RESULT, stream("new\n")))
    assert outputs(live) == [stream("new\n")]
