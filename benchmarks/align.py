"""How long it takes to merge a changed file into a document, how that grows, and how long other threads wait meanwhile.

    python benchmarks/align.py

Each case is run in one size and in a quarter of it. Budgets: at most 6 times as long for 4 times as much, and so many
times as long as a loop in Python takes. That took 0.045 s where the budgets were set: 22 loops are a second there.
Ends with 1 when a budget is missed.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_live.files import align, convert

GROWTH = 6  # times as long for 4 times as much
TICK = 0.001  # seconds


@dataclass(frozen=True)
class Case:
    """`make` gives base, changed and live of a size. `budget`: in times of the loop."""

    name: str
    doc_type: str
    size: int
    make: Callable[[int], tuple[Any, Any, Any]]
    budget: float


@dataclass(frozen=True)
class Run:
    seconds: float
    pause: float


def notebook(sources: list[tuple[int, str]]) -> dict[str, Any]:
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**code, "id": f"cell-{number}", "source": source} for number, source in sources]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def reversed_cells(size: int) -> tuple[Any, Any, Any]:
    sources = [(n, f"value_{n} = {n}\nprint(value_{n})\n") for n in range(size)]
    live = [(n, f"{source}# live\n" if n % 10 == 0 else source) for n, source in sources]
    return notebook(sources), notebook(sources[::-1]), notebook(live)


def repetitive_text(size: int) -> tuple[Any, Any, Any]:
    """Equal lines, with changes by both sides anywhere."""
    chance = random.Random(1)
    base = ["for item in items: print(item)"] * size

    def changed(name: str) -> list[str]:
        lines = [*base]
        for count in range(size // 25):
            lines[chance.randrange(size)] = f"{name} {count}"
        return lines

    return "\n".join(base), "\n".join(changed("outside")), "\n".join(changed("live"))


def conflicts(size: int) -> tuple[Any, Any, Any]:
    """Every other line changed by both sides."""
    base = [f"line {n}" for n in range(size)]
    mine, theirs = ([f"{who} {n}" if n % 2 else line for n, line in enumerate(base)] for who in ("mine", "theirs"))
    return "\n".join(base), "\n".join(mine), "\n".join(theirs)


CASES = [
    Case("2,000 cells reversed, 200 of them edited", "notebook", 2000, reversed_cells, 22),
    Case("1.5 MB of equal lines, 2,000 changed by each side", "file", 50_000, repetitive_text, 22),
    Case("20,000 lines, every other one changed by both", "file", 20_000, conflicts, 50),
]


def run(case: Case, size: int) -> Run:
    base, changed, live = case.make(size)
    update, _ = convert.to_update(case.doc_type, live)
    pauses = [0.0]
    over = threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not over.wait(TICK):
            now = time.perf_counter()
            pauses.append(now - last)
            last = now

    ticker = threading.Thread(target=tick)
    ticker.start()
    started = time.process_time()
    merged = align.merge(case.doc_type, base, changed, update)
    seconds = time.process_time() - started
    over.set()
    ticker.join()
    assert merged.update, "nothing was merged"
    return Run(seconds, max(pauses))


def loop() -> float:
    """Seconds that the yardstick takes."""
    started = time.process_time()
    seen: dict[int, int] = {}
    for number in range(1_000_000):
        seen[number & 1023] = number
    return time.process_time() - started


def main() -> int:
    missed, yardstick = 0, min(loop() for _ in range(3))
    print(f"{'':52}{'CPU':>8}{'x loop':>8}{'growth':>8}{'longest wait of others':>25}")
    for case in CASES:
        small, large = run(case, case.size // 4), run(case, case.size)
        growth, times = large.seconds / small.seconds, large.seconds / yardstick
        missed += growth > GROWTH or times > case.budget
        print(f"{case.name:52}{large.seconds:6.2f} s{times:8.1f}{growth:8.1f}{large.pause * 1000:22.0f} ms")
    print("every budget is met" if not missed else f"budgets missed: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
