"""What windows come to: medians, and ratios of ours to each peer."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from benchmarks.steps import OURS, Step
from benchmarks.window import Figures

Windows = list[tuple[Step, Figures]]

MORE_IS_BETTER = {"edits/CPU s"}
JOIN = ["all in s", "peak growth MB"]
FAN_OUT = ["us CPU/delivery", "p50 ms", "p99 ms"]
PRESENCE = ["cursor p95 ms", "typing p99 ms", "CPU %/client", "leaving p99 ms"]
TOLD: dict[str, list[str]] = {
    "saturation10": ["edits/CPU s"],
    "saturation100": ["edits/CPU s"],
    "fanout50": FAN_OUT,
    "fanout200": FAN_OUT,
    "rooms": ["server CPU %", "p99 ms", "opening CPU s", "KB/connection"],
    "join-text": JOIN,
    "join-notebook": JOIN,
    "join150": JOIN,
    "presence50": PRESENCE,
    "presence150": PRESENCE,
    "slow": ["grown MB", "catching up s", "others' p99 ms"],
    "printing": ["all seen s", "typing p95 ms", "server CPU s"],
    "idle": ["us CPU/connection/s", "KB/connection"],
    "churn": ["ms CPU/visit", "KB grown/visit"],
}
"""The figures of each workload that the table tells."""


def values(windows: Windows, workload: str, server: str, figure: str) -> dict[int, float]:
    """A figure by turn; windows that are wrong do not count."""
    return {
        step.turn: found.values[figure]
        for step, found in windows
        if step.workload == workload and step.server == server and not found.wrong and figure in found.values
    }


def median(windows: Windows, workload: str, server: str, figure: str) -> float | None:
    found = values(windows, workload, server, figure)
    return statistics.median(found.values()) if found else None


def ratio(windows: Windows, workload: str, peer: str, figure: str, base: str = OURS) -> float | None:
    """The median over turns of ours to the peer's in the same turn; None if there is none, or it means nothing."""
    ours, theirs = (values(windows, workload, server, figure) for server in (base, peer))
    found = [ours[turn] / theirs[turn] for turn in ours if theirs.get(turn, 0) > 0]
    return statistics.median(found) if found else None


def servers(windows: Windows) -> list[str]:
    """Those that were measured, in the order in which they came."""
    return list(dict.fromkeys(step.server for step, _ in windows))


def rows(windows: Windows) -> list[list[str]]:
    """The table of ratios: a head, and a row for each figure: ours, and ours as a multiple of each peer's."""
    names = servers(windows)
    base = OURS if OURS in names else names[0]
    peers = [name for name in names if name != base]
    table = [["workload", "figure", base, *(f"/ {peer}" for peer in peers)]]
    for workload in dict.fromkeys(step.workload for step, _ in windows):
        for figure in TOLD[workload]:
            ours = median(windows, workload, base, figure)
            times = [ratio(windows, workload, peer, figure, base) for peer in peers]
            told = f"{figure}{' (more is better)' if figure in MORE_IS_BETTER else ''}"
            table.append([workload, told, _short(ours), *(f"{each:.2f}x" if each else "" for each in times)])
    return table


def medians(windows: Windows) -> list[list[str]]:
    """The same figures as they are, of every server."""
    names = servers(windows)
    table = [["workload", "figure", *names]]
    for workload in dict.fromkeys(step.workload for step, _ in windows):
        for figure in TOLD[workload]:
            table.append([workload, figure, *(_short(median(windows, workload, name, figure)) for name in names)])
    return table


def plain(table: Iterable[list[str]]) -> str:
    """A table for the terminal."""
    lines = list(table)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def markdown(table: list[list[str]]) -> str:
    head, *rest = [f"| {' | '.join(line)} |" for line in table]
    return "\n".join([head, "|---" * len(table[0]) + "|", *rest])


def line(step: Step, found: Figures) -> str:
    """One window in one line."""
    told = "  ".join(f"{name} {value:,.4g}" for name, value in found.values.items())
    remarks = "".join(f"  [{note}]" for note in found.notes)
    wrong = f"  WRONG: {found.wrong.strip()}" if found.wrong else ""
    return f"{step.workload:15}{step.server:22}{told}{remarks}{wrong}"


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
