"""Run workloads on servers, in interleaved rounds, and print what came out.

    python -m benchmarks.run fanout50 saturation --servers live,hocuspocus --rounds 1 --seconds 5

A workload's name may be the beginning of several. Each window has a server of its own, just started, on one core, and
the load on another. Everything is on 127.0.0.1 and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import machine, peers
from benchmarks.servers import SERVERS
from benchmarks.window import Figures
from benchmarks.workloads import WORKLOADS


def window(workload: str, name: str, seconds: float) -> Figures:
    """Start a server, let it work, end it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home, SERVERS[name](Path(home)) as server:
        return asyncio.run(WORKLOADS[workload](server, seconds))


def rounds(workloads: list[str], names: list[str], count: int, seconds: float) -> dict[str, dict[str, list[Figures]]]:
    """All windows by workload and server; servers take turns, so that a busy minute of the machine hits all of them."""
    found: dict[str, dict[str, list[Figures]]] = {workload: {name: [] for name in names} for workload in workloads}
    for workload in workloads:
        for _ in range(count):
            for name in names:
                found[workload][name].append(figures := window(workload, name, seconds))
                print(line(workload, figures), flush=True)
    return found


def line(workload: str, figures: Figures) -> str:
    """One window in one line."""
    values = "  ".join(f"{name} {value:,.4g}" for name, value in figures.values.items())
    remarks = "".join(f"  [{note}]" for note in figures.notes)
    return f"{workload:15}{figures.server:22}{values}{remarks}{f'  WRONG: {figures.wrong}' if figures.wrong else ''}"


def ratios(found: dict[str, dict[str, list[Figures]]], base: str) -> list[str]:
    """The medians of `base` over those of each other server, as lines. Windows that are wrong do not count."""
    lines = []
    for workload, servers in found.items():
        medians = {name: median(windows) for name, windows in servers.items()}
        for name in servers:
            if name != base and medians[name] and medians.get(base):
                parts = (
                    f"{key} {value / medians[name][key]:.2f}x"
                    for key, value in medians[base].items()
                    if medians[name].get(key)
                )
                lines.append(f"{workload:15}{base} / {name:22}{'  '.join(parts)}")
    return lines


def median(windows: list[Figures]) -> dict[str, float]:
    right = [figures.values for figures in windows if not figures.wrong]
    return {key: statistics.median(values[key] for values in right) for key in right[0]} if right else {}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.split("\n")[0])
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(WORKLOADS)}; all if none is named")
    parser.add_argument("--servers", default="live,hocuspocus", help=f"of {','.join(SERVERS)}, or all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one window")
    parser.add_argument("--json", type=Path, help="write every window's figures to this file")
    options = parser.parse_args(arguments)
    workloads = [name for name in WORKLOADS if not options.workloads or name.startswith(tuple(options.workloads))]
    names = list(SERVERS) if options.servers == "all" else options.servers.split(",")
    if not workloads or not set(names) <= set(SERVERS):
        parser.error("no such workload or server")
    for name in names:
        peers.install(name)
    if not machine.pin_load():
        print("servers and load share all cores here: figures are noisier")
    found = rounds(workloads, names, options.rounds, options.seconds)
    print(*ratios(found, names[0]), sep="\n")
    if options.json:
        options.json.write_text(
            json.dumps(
                [vars(each) for servers in found.values() for all_ in servers.values() for each in all_], indent=1
            )
        )
    return 1 if any(each.wrong for servers in found.values() for all_ in servers.values() for each in all_) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
