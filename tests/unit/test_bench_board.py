"""Counting deliveries, and comparing them with budgets."""

from __future__ import annotations

from benchmarks import budgets, table
from benchmarks.board import Board
from benchmarks.steps import Step
from benchmarks.window import Figures


def test_an_edit_is_delivered_once_however_it_comes() -> None:
    board = Board([1, 2], clients=3)
    board.mark(1, 3)
    board.record()
    board.mark(1, 2)
    reader = board.new_reader(2)
    board.receive(reader, [(1, 0, 2)])
    board.receive(reader, [(1, 0, 4), (2, 0, 1), (9, 0, 5)])
    assert (board.deliveries, board.missing, board.gaps) == (4, 6, 0)
    board.receive(board.new_reader(), [(1, 3, 5)])
    assert (board.deliveries, board.gaps) == (4, 1), "what came before its base is not there"


def test_ratios_are_of_the_same_turn_and_wrong_windows_do_not_count() -> None:
    def window(server: str, turn: int, value: float, wrong: str = "") -> tuple[Step, Figures]:
        return Step("fanout50", server, 1.0, turn), Figures(server, "fanout50", {"p50 ms": value}, wrong)

    windows = [window("live", 0, 2.0), window("hocuspocus", 0, 1.0), window("live", 1, 30.0)]
    windows += [window("hocuspocus", 1, 10.0), window("live", 2, 1.0), window("hocuspocus", 2, 1.0, "lost")]
    assert table.ratio(windows, "fanout50", "hocuspocus", "p50 ms") == 2.5
    budget = {"workload": "fanout50", "figure": "p50 ms", "peer": "hocuspocus"}
    right = [each for each in windows if not each[1].wrong]
    assert budgets.missed(right, [{**budget, "at_most": 2.6}]) == []
    assert len(budgets.missed(right, [{**budget, "at_most": 2.4}])) == 1
    assert len(budgets.missed(windows, [{**budget, "at_least": 3}])) == 2


def test_every_budget_is_about_something_that_is_measured() -> None:
    for budget in budgets.read():
        assert budget["workload"] in table.TOLD
        assert ("at_most" in budget) != ("at_least" in budget)
