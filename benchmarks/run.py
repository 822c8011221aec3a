"""Run workloads on servers, in interleaved rounds, and print what came out.

    python -m benchmarks.run fanout50 saturation --servers live,hocuspocus --rounds 1 --seconds 5

A workload's name may be the beginning of several. Each window has a server of its own, just started, on one core, and
the load on another. Everything is on 127.0.0.1 and ends by itself.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import machine, peers, plan, table
from benchmarks.servers import SERVERS
from benchmarks.servers.jupyter import Live
from benchmarks.steps import Step
from benchmarks.table import Windows
from benchmarks.workloads import WORKLOADS


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(WORKLOADS)}; all if none is named")
    parser.add_argument("--servers", default="live,hocuspocus", help=f"of {','.join(SERVERS)}, or all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one window")
    parser.add_argument("--python", default=sys.executable, help="whose Jupyter Live is measured: an environment's")
    parser.add_argument("--json", type=Path, help="write every window's figures to this file")
    options = parser.parse_args(arguments)
    workloads = [name for name in WORKLOADS if not options.workloads or name.startswith(tuple(options.workloads))]
    names = list(SERVERS) if options.servers == "all" else options.servers.split(",")
    if not workloads or not set(names) <= set(SERVERS):
        parser.error("no such workload or server")
    Live.python = options.python
    steps = [step for name in workloads for step in plan.rounds([name], names, options.rounds, options.seconds)]
    windows = measure(steps)
    print(table.plain(table.rows(windows)))
    if options.json:
        found = [{**vars(step), **vars(figures)} for step, figures in windows]
        options.json.write_text(json.dumps(found, indent=1))
    return 1 if any(figures.wrong for _, figures in windows) else 0


def measure(steps: list[Step], limit: float = float("inf")) -> Windows:
    """Install what is missing, and run the steps, printing each window as it comes. See `plan.run`."""
    for name in dict.fromkeys(step.server for step in steps):
        peers.install(name)
    windows: Windows = []
    with _alone():
        _prepare()
        for step, figures in plan.run(steps, limit):
            windows.append((step, figures))
            print(table.line(step, figures), flush=True)
    left = len(steps) - len(windows)
    if left:
        print(f"time is up: {left} windows of {len(steps)} were left out")
    return windows


def _prepare() -> None:
    signal.signal(signal.SIGTERM, _end)
    logging.getLogger("picows").setLevel(logging.ERROR)  # it tells of each full buffer
    machine.allow_connections()
    if not machine.pin_load():
        print("servers and load share all cores here: figures are noisier")


def _end(*_: object) -> None:
    """Let what is running end its server too. A second signal (timeout(1) sends two) must not cut that short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


@contextmanager
def _alone() -> Iterator[None]:
    """Let a second run wait: both would measure each other."""
    peers.CACHE.mkdir(exist_ok=True)
    with (peers.CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
