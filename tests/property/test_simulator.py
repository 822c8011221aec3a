"""Random people on one document, with whatever can happen to connections, server, log and file.

`LIVE_SEED=7` plays that plan again; `LIVE_LONG=30` plays long plans for so many minutes. A plan that fails is written
into a temporary folder; once it is understood it belongs into `plans/`, where it is played for ever.
"""

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from jupyter_live.testing.plan import Plan, generate
from jupyter_live.testing.simulator import play

SEED = int(os.environ["LIVE_SEED"]) if "LIVE_SEED" in os.environ else None
STEPS = 60
PLANS = sorted((Path(__file__).parent / "plans").glob("*.json"))
MINUTES = float(os.environ.get("LIVE_LONG", "0"))


def hold(plan: Plan, home: Path) -> None:
    home.mkdir(exist_ok=True)
    file = home / "plan.json"
    plan.save(file)
    print(f"the plan is {file}: python -m jupyter_live.testing.simulator --shrink {file}")
    asyncio.run(play(plan, home))


@pytest.mark.parametrize("number", range(3 if SEED is None else 1))
def test_random_plans_hold(tmp_path: Path, number: int) -> None:
    seed = random.randrange(10**6) if SEED is None else SEED
    print(f"LIVE_SEED={seed} plays it again")
    hold(generate(seed, STEPS), tmp_path)


def test_a_random_plan_over_several_processes_holds(tmp_path: Path) -> None:
    seed = random.randrange(10**6) if SEED is None else SEED
    print(f"LIVE_SEED={seed} plays it again")
    hold(generate(seed, STEPS, relays=2), tmp_path)


@pytest.mark.parametrize("file", PLANS, ids=lambda file: file.stem)
def test_plans_that_once_failed_hold(tmp_path: Path, file: Path) -> None:
    hold(Plan.load(file), tmp_path)


@pytest.mark.skipif(not MINUTES, reason="LIVE_LONG=30 plays long plans for 30 minutes")
@pytest.mark.timeout(MINUTES * 60 + 300)
def test_long_plans_hold(tmp_path: Path) -> None:
    end = time.monotonic() + 60 * MINUTES
    while time.monotonic() < end:
        seed = random.randrange(10**6)
        hold(generate(seed, 10 * STEPS), tmp_path / str(seed))


def test_a_plan_is_the_same_from_the_same_seed_and_after_saving_and_loading(tmp_path: Path) -> None:
    plan = generate(5, 200)
    plan.save(tmp_path / "plan.json")
    assert plan == generate(5, 200) == Plan.load(tmp_path / "plan.json") != generate(6, 200)
