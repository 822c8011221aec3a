"""Cells of a notebook: which is which, what is done to them, and what of both sides stays."""

import uuid
from typing import Any

import pycrdt
import pytest

from jupyter_live.files.align import merge

from .documents import Live, cell, notebook, stream

A, B, C = cell("a", "import os\nimport sys"), cell("b", "x = 1\ny = 2"), cell("c", "# title", "markdown")
BASE = notebook(A, B, C)


def reread(value: dict[str, Any]) -> dict[str, Any]:
    """The same notebook, with other ids."""
    return value | {"cells": [cell | {"id": str(uuid.uuid4())} for cell in value["cells"]]}


def test_edits_in_other_cells_and_in_other_lines_of_one_cell_are_both_there() -> None:
    live = Live(notebook(A, cell("b", "x = 1\ny = 3"), C))
    merged = live.merge(BASE, notebook(cell("a", "import os\nimport re"), cell("b", "x = 0\ny = 2"), C))
    assert live.sources == {"a": "import os\nimport re", "b": "x = 0\ny = 3", "c": "# title"}
    assert (merged.changed, merged.conflicts) == (2, ())


def test_a_cell_is_edited_in_place() -> None:
    live = Live(BASE)
    text = live.cells[1]["source"]
    live.merge(BASE, notebook(A, cell("b", "x = 1\ny = 2\nz = 3", metadata={"tags": ["t"]}), C))
    assert str(text) == "x = 1\ny = 2\nz = 3"
    assert live.value["cells"][1]["metadata"] == {"tags": ["t"]}


def test_where_both_changed_the_same_line_the_conflict_names_the_cell() -> None:
    live = Live(notebook(A, cell("b", "x = 1\ny = 3"), C))
    [conflict] = live.merge(BASE, notebook(A, cell("b", "x = 1\ny = 4"), C)).conflicts
    assert (conflict.cell, conflict.line, conflict.theirs, conflict.mine) == ("b", 2, "y = 3", "y = 4")
    assert live.sources["b"] == "x = 1\ny = 3\ny = 4"


def test_a_new_cell_comes_after_the_cell_before_it() -> None:
    live = Live(notebook(C, cell("live", "new"), B, A))
    live.merge(notebook(C, B, A), notebook(C, B, cell("file", "new too"), A))
    assert list(live.sources) == ["c", "live", "b", "file", "a"]


def test_where_both_put_in_a_cell_lives_comes_first() -> None:
    live = Live(notebook(A, B, C, cell("live", "1")))
    live.merge(BASE, notebook(A, B, C, cell("file", "2")))
    assert list(live.sources) == ["a", "b", "c", "live", "file"]


def test_a_cell_of_one_id_that_both_put_in_is_one_cell() -> None:
    live = Live(notebook(A, cell("n", "same\nlive"), B, C))
    live.merge(BASE, notebook(A, B, C, cell("n", "file\nsame")))
    assert live.sources == {"a": A["source"], "n": "file\nsame\nlive", "b": B["source"], "c": C["source"]}


def test_a_cell_deleted_outside_goes() -> None:
    live = Live(BASE)
    assert live.merge(BASE, notebook(A, C)).conflicts == ()
    assert list(live.sources) == ["a", "c"]


def test_a_cell_deleted_outside_that_was_edited_stays_and_it_is_told() -> None:
    live = Live(notebook(A, cell("b", "x = 1\ny = 22"), C))
    [conflict] = live.merge(BASE, notebook(A, C)).conflicts
    assert (conflict.cell, conflict.line, conflict.theirs, conflict.mine) == ("b", 1, "x = 1\ny = 22", "")
    assert list(live.sources) == ["a", "b", "c"]


def test_a_cell_deleted_in_live_and_edited_outside_comes_back_and_it_is_told() -> None:
    live = Live(notebook(A, C))
    [conflict] = live.merge(BASE, notebook(A, cell("b", "x = 1\ny = 22"), C)).conflicts
    assert (conflict.cell, conflict.theirs, conflict.mine) == ("b", "", "x = 1\ny = 22")
    assert list(live.sources) == ["a", "b", "c"]


def test_a_cell_deleted_in_live_and_merely_run_outside_does_not_come_back() -> None:
    live = Live(notebook(A, C))
    ran = cell("b", B["source"], execution_count=3, outputs=[stream("1\n")], metadata={"collapsed": True})
    assert live.merge(BASE, notebook(A, ran, C)).update is None


def test_cells_without_ids_are_matched_by_what_they_hold() -> None:
    base = notebook(*({k: v for k, v in one.items() if k != "id"} for one in (A, B, C)), minor=4)
    live = Live(base)
    ids = list(live.sources)
    live.cells[0]["source"].insert(0, "import re\n")
    live.merge(base, notebook(C, A, cell("", "x = 1\ny = 3"), minor=4))
    assert live.sources == {ids[2]: "# title", ids[0]: "import re\nimport os\nimport sys", ids[1]: "x = 1\ny = 3"}


def test_cells_that_a_tool_gave_other_ids_keep_lives_ids_and_edits() -> None:
    live = Live(notebook(A, cell("b", "x = 1\ny = 3"), C))
    live.merge(BASE, reread(notebook(cell("", "import os\nimport re"), B, C)))
    assert live.sources == {"a": "import os\nimport re", "b": "x = 1\ny = 3", "c": "# title"}


def test_cells_that_have_nothing_but_signs_in_common_are_not_taken_for_each_other() -> None:
    live = Live(notebook(A, cell("b", "<9>")))
    live.merge(reread(notebook(A, cell("b", "<9>"))), reread(notebook(A, cell("", "<25😀>"))))
    assert list(live.sources.values()) == [A["source"], "<25😀>"] and "b" not in live.sources


def test_a_merge_done_again_after_the_file_was_read_with_other_ids_changes_nothing() -> None:
    live = Live(notebook(A, cell("b", "x = 1\nlive"), C))
    changed = notebook(cell("a", "print()"), cell("b", "file\ny = 2"), C, cell("", ""), cell("", "new"))
    assert live.merge(reread(BASE), reread(changed)).changed
    before = live.value
    assert live.merge(reread(BASE), reread(changed)).update is None
    assert live.value == before


def test_of_two_cells_with_one_id_in_the_file_the_second_gets_another() -> None:
    live = Live(BASE)
    merged = merge("notebook", BASE, notebook(A, cell("a", "again"), B, C), live.doc.get_update())
    assert merged.update is not None
    live.doc.apply_update(merged.update)
    assert len(live.sources) == 4
    assert live.sources["a"] == A["source"] and "again" in live.sources.values()


def test_a_cell_that_is_there_twice_does_not_stop_the_merge() -> None:
    live = Live(BASE)
    live.cells.append(pycrdt.Map({"id": "a", "cell_type": "code", "source": pycrdt.Text("twice")}))
    live.cells.append("no cell")
    live.merge(BASE, notebook(C, cell("a", "import os\nimport re"), B))
    assert [str(cell["source"]) for cell in list(live.cells)[:4]] == [
        "# title",
        "import os\nimport re",
        B["source"],
        "twice",
    ]


@pytest.mark.parametrize("live_source", ["# title", "# title\nlive"])
def test_a_cell_whose_type_changed_is_made_anew_with_its_id_and_text(live_source: str) -> None:
    live = Live(notebook(A, B, cell("c", live_source, "markdown")))
    live.merge(BASE, notebook(A, B, cell("c", "# title")))
    assert live.value["cells"][2] == cell("c", live_source)


def test_metadata_is_merged_key_by_key_and_conflicts_are_told_where_people_see_them() -> None:
    base = cell("b", "", metadata={"tags": ["t"], "collapsed": True, "deep": {"one": 1, "two": 2}})
    mine = cell("b", "", metadata={"tags": ["file"], "collapsed": False, "deep": {"one": 11, "two": 2}})
    theirs = cell("b", "", metadata={"tags": ["live"], "deep": {"one": 1, "two": 22}, "trusted": True})
    live = Live(notebook(theirs))
    [conflict] = live.merge(notebook(base), notebook(mine)).conflicts
    assert live.value["cells"][0]["metadata"] == {"tags": ["live"], "deep": {"one": 11, "two": 22}, "trusted": True}
    assert (conflict.line, conflict.theirs, conflict.mine) == (0, 'tags: ["live"]', 'tags: ["file"]')


def test_trust_is_no_change() -> None:
    live = Live(BASE)
    assert live.merge(BASE, notebook(A | {"metadata": {"trusted": True}}, B, C)).update is None


def test_a_notebooks_own_metadata_and_format_are_merged() -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    live = Live(notebook(A, minor=4, theirs=1))
    live.merge(notebook(A, minor=4), notebook(A, kernelspec=kernel, mine=2))
    assert live.value["metadata"] == {"theirs": 1, "mine": 2, "kernelspec": kernel}
    assert live.value["nbformat_minor"] == 5
    live.merge(notebook(A, kernelspec=kernel, mine=2), notebook(A))
    assert live.value["metadata"] == {"theirs": 1}


def test_attachments_are_merged_by_name() -> None:
    one, two = {"one.png": {"image/png": "1"}}, {"two.png": {"image/png": "2"}}
    live = Live(notebook(cell("c", "", "markdown", attachments=one)))
    live.merge(notebook(cell("c", "", "markdown")), notebook(cell("c", "", "markdown", attachments=two)))
    assert live.value["cells"][0]["attachments"] == one | two
