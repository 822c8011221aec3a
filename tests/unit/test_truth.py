"""What the simulator takes for wrong, and what not: an oracle that excuses everything would find nothing."""

from jupyter_live.testing.truth import Gone, Lines, Truth


def typed(*texts: str) -> Truth:
    truth = Truth()
    truth.edited("ada", [], doc(*texts))
    return truth


def doc(*texts: str) -> Lines:
    return [(f"cell-{number}", text.split("\n")) for number, text in enumerate(texts)]


def test_all_that_was_typed_must_be_there_once() -> None:
    truth = typed("<1>\n<2>", "<3>")
    assert truth.errors(doc("<1>\n<2>", "<3>")) == []
    assert truth.errors(doc("<1>", "<3>")) == ["<2> is missing"]
    assert truth.errors(doc("<1>\n<2>\n<2>", "<3>")) == ["<2> is there 2 times: ['<2>', '<2>']"]
    assert truth.errors([*doc("<1>\n<2>", "<3>"), ("cell-0", [""])]) == ["cell cell-0 is there twice"]
    assert truth.errors(doc("<1>\n<2>", "<3><4>")) == ["<4> was never typed"]


def test_what_was_deleted_may_be_missing_and_is_not_doubled() -> None:
    truth = typed("<1>\n<2>")
    truth.edited("bob", doc("<1>\n<2>"), doc("<1>"))
    assert truth.errors(doc("<1>")) == []
    assert truth.errors(doc("<1>\n<2>\n<2>")) != []


def test_a_line_that_two_sides_edited_may_be_there_in_two_versions() -> None:
    truth = typed("x <1>")
    truth.edited("ada", doc("x <1>"), doc("x <1> <2>"))
    assert truth.errors(doc("x <1> <2>\nx <1>")) != []
    truth.edited("file", doc("x <1>"), doc("y <1>"))
    assert truth.errors(doc("x <1> <2>\ny <1>")) == []
    assert truth.errors(doc("y <1> <2>\ny <1> <2>")) != [], "but not twice the same"


def test_a_line_that_was_joined_to_another_may_stay_beside_that() -> None:
    truth = typed("<1>\n<2>")
    truth.edited("bob", doc("<1>\n<2>"), doc("<1>\n<2><3>"))
    assert truth.errors(doc("<1>\n<2><3>\n<2>")) != [], "but not beside one that was added to"
    truth.edited("bob", doc("<1>\n<2><3>"), doc("<1><2><3>"))
    assert truth.errors(doc("<1><2><3>\n<2><3>")) == []
    assert truth.errors(doc("<1><2>\n<1><2>")) != [], "but not twice the same"


def test_what_was_lost_may_be_missing() -> None:
    truth = typed("<1>\n<2>")
    truth.lose(["<1>"], "its tab crashed")
    assert truth.errors(doc("<2>")) == [] and truth.errors(doc("<1>")) == ["<2> is missing"]


def test_a_line_that_a_conflict_was_told_of_may_be_there_in_two_versions() -> None:
    truth = typed("x <1>")
    assert truth.errors(doc("x <1>\ny <1>")) != []
    truth.disputed.add("<1>")
    assert truth.errors(doc("x <1>\ny <1>")) == []
    assert truth.errors(doc("x <1>\nx <1>")) != [], "but not twice the same"


def test_what_was_typed_into_a_cell_that_is_deleted_unseen_may_be_missing() -> None:
    truth = typed("<1>\n<2>")
    truth.removed(Gone("cell-0", "epoch", client=1), seen=["<1>"])
    for token, epoch in (("<3>", "epoch"), ("<5>", "another")):
        truth.edited("bob", [], doc(token))
        truth.typed([token], epoch)
    assert truth.errors([]) == ["<1> is missing", "<5> is missing"]


def test_a_cell_without_an_id_may_be_there_as_two_people_had_it() -> None:
    truth = Truth(has_ids=False)
    truth.edited("ada", [], doc("<1>\n<2>"))
    truth.edited("bob", doc("<1>\n<2>"), doc("<1>\n<3><2>"))
    assert truth.errors(doc("<1>\n<3><2>\n<2>")) != [], "but not in one cell"
    assert truth.errors(doc("<1>\n<3><2>", "<2>")) == []
    assert truth.errors(doc("<1>\n<3><2>", "<3><2>")) != [], "and not twice the same"


def test_what_was_handed_in_to_a_cell_that_is_deleted_unseen_may_be_missing() -> None:
    truth = typed("<1>")
    truth.removed(Gone("cell-0", "new", 1), {"<1>"})
    truth.edited("bob", doc("<1>"), doc("<1>\n<2>"))
    truth.typed(["<2>"], "old")
    assert truth.errors(doc("<1>")) == ["<2> is missing"]
    truth.handed_in(["<1>", "<2>"], "new")
    assert truth.errors(doc("<1>")) == []


def test_what_was_handed_in_to_a_cell_that_was_known_to_be_deleted_must_be_there() -> None:
    truth = typed("<1>")
    truth.removed(Gone("cell-0", "new", 1), {"<1>"})
    truth.told(1)
    truth.edited("bob", doc("<1>"), doc("<1>\n<2>"))
    truth.handed_in(["<2>"], "new")
    assert truth.errors(doc("<1>")) == ["<2> is missing"]


def test_what_was_typed_into_a_cell_that_is_taken_out_of_the_file_may_be_missing() -> None:
    truth = typed("<1>", "<2>")
    truth.edited("ada", [], [*doc("<1>\n<3>", "<2>")])
    truth.removed_outside([("", ["<1>"]), ("", ["<2>"])], [("", ["<2>"])])
    assert truth.errors(doc("<1>")) == ["<2> is missing"], "<3> was not in the file"


def test_a_cell_that_is_taken_out_of_a_file_without_ids_is_known_by_its_lines() -> None:
    truth = typed("a\nb", "c\n<1>")
    truth.edited("ada", doc("a\nb", "c\n<1>"), doc("a\n<2>\nb", "c\n<1>"))
    truth.removed_outside([("", ["a", "b"]), ("", ["c", "<1>"])], [("", ["c", "<1>"])])
    truth.typed(truth.edited("bob", doc("a\nb", "c\n<1>"), doc("a\nb\n<3>", "c\n<1>")), "epoch")
    truth.typed(truth.edited("bob", doc("a\nb\n<3>", "c\n<1>"), doc("a\nb\n<3>", "c\n<1>\n<4>")), "epoch")
    assert truth.errors(doc("c\n<1>\n<4>")) == []
    assert truth.errors(doc("c\n<1>")) == ["<4> is missing"]
    assert truth.errors(doc("c\n<4>")) == ["<1> is missing"]


def test_what_was_moved_in_a_text_may_be_there_twice_where_the_log_is_set_back() -> None:
    truth = typed("<1>\n<2>")
    assert truth.errors(doc("<2>\n<1>\n<2>")) == ["<2> is there 2 times: ['<2>', '<2>']"]
    truth.moved_unseen({"<2>"})
    assert truth.errors(doc("<2>\n<1>\n<2>")) == []
