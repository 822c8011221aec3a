"""Random plans against a real server: `python -m jupyter_live.testing.simulator --help`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

from jupyter_live.testing.cluster_world import ClusterWorld
from jupyter_live.testing.plan import Plan, Step, generate
from jupyter_live.testing.shrink import shrink
from jupyter_live.testing.world import World

TRIES = 2  # times that a shorter plan may succeed before it counts as one that does: clocks differ


async def play(plan: Plan, home: Path) -> World:
    """Play a plan below `home`. Raises AssertionError with what does not hold at the end."""
    world = ClusterWorld(plan, home) if plan.relays else World(plan, home)
    await world.play()
    return world


def failure(plan: Plan) -> str | None:
    """What is wrong when a plan is played; None when all holds."""
    with tempfile.TemporaryDirectory(prefix="jupyter-live-") as home:
        try:
            asyncio.run(play(plan, Path(home)))
        except Exception:
            return traceback.format_exc(limit=-4)
    return None


def _say(text: str) -> None:
    print(text, flush=True)


def _try(plan: Plan, folder: Path) -> bool:
    began, error = time.monotonic(), failure(plan)
    what = f"seed {plan.seed}, {len(plan.steps)} steps, {plan.kind}, {plan.people} people"
    _say(f"{'FAILED' if error else 'held'}: {what} ({time.monotonic() - began:.0f} s)")
    if error:
        folder.mkdir(parents=True, exist_ok=True)
        plan.save(folder / f"seed-{plan.seed}.json")
        (folder / f"seed-{plan.seed}.txt").write_text(error)
        _say(error[-2000:])
    return error is None


def _shrink(file: Path) -> bool:
    """Returns whether the plan failed at all. The shortest one so far is in the file at any time."""
    plan, found = Plan.load(file), False

    def fails(steps: list[Step]) -> bool:
        nonlocal found
        shorter = replace(plan, steps=steps)
        error = next(filter(None, (failure(shorter) for _ in range(TRIES))), None)
        _say(f"{len(steps)} steps: {error[-200:] if error else 'held'}")
        if error:
            found = True
            shorter.save(file.with_suffix(".short.json"))
        return error is not None

    shrink(plan.steps, fails)
    return found


def main(arguments: list[str]) -> int:
    """Returns 0 when all plans held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="the first plan's seed (default: the time)")
    parser.add_argument("--steps", type=int, default=60, help="of each plan")
    parser.add_argument("--relays", type=int, default=0, help="processes beside the server, with Redis and PostgreSQL")
    parser.add_argument("--plans", type=int, default=1, help="how many plans, of one seed after the other")
    parser.add_argument("--minutes", type=float, default=0, help="or: plans until so much time has passed")
    parser.add_argument("--out", type=Path, default=Path("failing-plans"), help="folder for plans that fail")
    parser.add_argument("--replay", type=Path, nargs="+", help="play these plans instead")
    parser.add_argument("--shrink", type=Path, help="make this failing plan short, as NAME.short.json beside it")
    options = parser.parse_args(arguments)
    if options.shrink:
        return int(not _shrink(options.shrink))
    if options.replay:
        return int(not all([_try(Plan.load(file), options.out) for file in options.replay]))
    seed, end, failed, count = options.seed or int(time.time()), time.monotonic() + 60 * options.minutes, 0, 0
    while count < options.plans or time.monotonic() < end:
        failed += not _try(generate(seed + count, options.steps, options.relays), options.out)
        count += 1
    _say(f"{count} plans, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
