"""Whether figures keep to `budgets.json`: a list of objects with

`workload`, `figure`: which figure, as the table calls them;
`peer`: the figure is ours as a multiple of this peer's; without it, the figure itself;
`at_most` or `at_least`: what it may be.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.steps import OURS
from benchmarks.table import Windows

FILE = Path(__file__).with_name("budgets.json")


def read() -> list[dict[str, Any]]:
    budgets: list[dict[str, Any]] = json.loads(FILE.read_text())
    return budgets


def missed(windows: Windows, budgets: list[dict[str, Any]]) -> list[str]:
    """What is over budget, one line each; a window that is wrong is too. What was not measured is left out."""
    lines = [f"{step.workload} on {step.server} is wrong: {found.wrong}" for step, found in windows if found.wrong]
    for budget in budgets:
        workload, figure, peer = budget["workload"], budget["figure"], budget.get("peer")
        if peer:
            value = table.ratio(windows, workload, peer, figure)
        else:
            value = table.median(windows, workload, OURS, figure)
        if value is None:
            continue
        than = f"{value:.3g} times {peer}'s" if peer else f"{value:.3g}"
        if value > budget.get("at_most", float("inf")):
            lines.append(f"{workload}: {figure} is {than}, at most {budget['at_most']} is in the budget")
        if value < budget.get("at_least", float("-inf")):
            lines.append(f"{workload}: {figure} is {than}, at least {budget['at_least']} is in the budget")
    return lines
