"""What scripts/bench does: run the plan, print the table, draw it, write RESULTS.md, and compare with the budgets.

python -m benchmarks            all peers, under 10 minutes; writes RESULTS.md and results.png beside this file
python -m benchmarks --quick    the main figures against Hocuspocus, in 90 s; writes the plot only, into .bench
"""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks import budgets, peers, plan, plot, results, table
from benchmarks.run import measure

LIMIT, QUICK_LIMIT = 520.0, 70.0  # seconds after which no window begins


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the main figures against one peer, in 90 s")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    windows = measure(plan.quick(), QUICK_LIMIT) if options.quick else measure(plan.full(), LIMIT)
    missed = budgets.missed(windows, budgets.read())
    print(table.plain(table.rows(windows)))
    drawn = peers.CACHE / "quick.png" if options.quick else results.PLOT
    plot.write(windows, drawn)
    if not options.quick:
        results.write(windows, load, missed)
    print(f"==> drawn: {drawn}")
    print("==> every budget is kept" if not missed else "\n".join(["==> over budget:", *missed]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
