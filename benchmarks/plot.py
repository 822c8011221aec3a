"""Draws the ratios: bars to the right of 1 are where ours is better."""

from __future__ import annotations

from pathlib import Path

import matplotlib

from benchmarks import table
from benchmarks.steps import OURS
from benchmarks.table import MORE_IS_BETTER, TOLD, Windows

BAR = 0.8  # of the height that a figure has, for all peers together
DOTS = 110  # an inch


def write(windows: Windows, file: Path) -> None:
    """Draw into a PNG file how many times better ours is than each peer."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    peers = [name for name in table.servers(windows) if name != OURS]
    workloads = dict.fromkeys(step.workload for step, _ in windows)
    figures = [(workload, figure) for workload in workloads for figure in TOLD[workload]]
    drawing, axes = pyplot.subplots(figsize=(9, 1.2 + 0.42 * len(figures)), layout="constrained")
    for number, peer in enumerate(peers):
        places, lengths = [], []
        for row, (workload, figure) in enumerate(figures):
            times = table.ratio(windows, workload, peer, figure)
            if times and times > 0:
                places.append(row + BAR * ((number + 0.5) / len(peers) - 0.5))
                lengths.append(times if figure in MORE_IS_BETTER else 1 / times)
        axes.barh(places, [length - 1 for length in lengths], BAR / len(peers), left=1, label=peer)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(figures)), [f"{workload}: {figure}" for workload, figure in figures], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("how many times better Jupyter Live is than the peer (to the left of 1: worse)")
    axes.legend(fontsize=8)
    drawing.savefig(file, dpi=DOTS)
    pyplot.close(drawing)
