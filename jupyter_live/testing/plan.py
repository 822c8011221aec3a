"""What happens in a simulation, as data: drawn from a seed, saved as JSON, replayed and shrunk as a list of steps."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Step = dict[str, Any]

KINDS = ("ids", "no_ids", "text")
BIG = 2**30  # indices are drawn up to here, and taken modulo what there is when the step is played

_EDITS = {"line": 30, "inline": 10, "erase": 8, "add": 5, "remove": 2, "move": 3, "output": 4, "print": 1, "undo": 3}
_PEOPLE = {"cut": 4, "connect": 9, "slow": 2, "read": 3, "tab": 2, "crash": 1, "reopen": 3, "save": 2}
_SERVER = {"stop": 2, "start": 3, "evict": 1, "copy": 2}  # of the database
_FILE = {"outside": 6, "break": 1, "mend": 2, "vanish": 1, "restore": 2}
_PROCESSES = {"relay": 4, "redis": 4, "postgres": 3}
_NOT_IN_TEXT = {"add", "remove", "move", "output", "print"}

OUTSIDE = ("line", "inline", "erase", "reorder", "replace")
OUTSIDE_CELLS = (*OUTSIDE, "add", "remove", "output", "metadata")


@dataclass(frozen=True)
class Plan:
    """Steps for some people on one document of a kind."""

    kind: str
    people: int
    steps: list[Step]
    seed: int | None = None
    relays: int = 0
    """Processes beside the Jupyter server; with some, all are on one Redis and one PostgreSQL."""

    def save(self, path: Path) -> None:
        steps = ",\n".join(f"  {json.dumps(step, ensure_ascii=False)}" for step in self.steps)
        head = json.dumps({key: value for key, value in asdict(self).items() if key != "steps"}, indent=1)
        path.write_text(f'{head[:-2]},\n "steps": [\n{steps}\n ]\n}}\n')

    @staticmethod
    def load(path: Path) -> Plan:
        return Plan(**json.loads(path.read_text()))


def generate(seed: int, length: int, relays: int = 0) -> Plan:
    """Draw a plan. The same seed, length and number of relays give the same plan."""
    chance = random.Random(seed)
    kind, people = chance.choice(KINDS), chance.randint(2, 5)
    weights = {**_EDITS, **_PEOPLE, **_SERVER, **_FILE}
    if relays:
        weights |= _PROCESSES
        del weights["copy"]  # PostgreSQL is not set back
    if kind == "text":
        weights = {name: weight for name, weight in weights.items() if name not in _NOT_IN_TEXT}
    names = chance.choices(list(weights), list(weights.values()), k=length)
    steps = [_step(name, number, kind, people, chance) for number, name in enumerate(names)]
    return Plan(kind, people, steps, seed, relays)


def _step(name: str, number: int, kind: str, people: int, chance: random.Random) -> Step:
    step: Step = {"do": name}
    if name in _EDITS or name in _PEOPLE:
        step["who"] = chance.randrange(people)
    for parameter in _PARAMETERS.get(name, ()):
        step[parameter] = _DRAW[parameter](chance)
    if name == "outside":
        step["how"] = chance.choice(OUTSIDE if kind == "text" else OUTSIDE_CELLS)
    if name in ("line", "inline", "add", "outside", "mend", "restore"):
        # All of one length, since of two texts at one place one that contains the other is taken for it grown.
        step["token"] = f"<{number:03}{chance.choice(['', '', '😀', 'é'])}>"
    step["wait"] = chance.choice([0, 0, 0, 0, 0.001, 0.02, 0.1, 0.4])
    return step


_PARAMETERS = {
    "line": ("cell", "at"),
    "inline": ("cell", "at"),
    "erase": ("at",),
    "add": ("at",),
    "remove": ("cell",),
    "move": ("cell", "at"),
    "output": ("cell", "kind"),
    "print": ("cell", "times"),
    "stop": ("signal", "lose", "restore"),
    "outside": ("cell", "at", "atomic"),
    "break": ("at",),
    "relay": ("at", "fault"),
    "redis": ("fault",),
    "postgres": ("fault",),
}
_DRAW: dict[str, Callable[[random.Random], Any]] = {
    "cell": lambda chance: chance.randrange(BIG),
    "at": lambda chance: chance.randrange(BIG),
    "kind": lambda chance: chance.choice(["stream", "result", "clear"]),
    "times": lambda chance: chance.choice([5, 50, 600]),  # the last is more than the log keeps without compaction
    "signal": lambda chance: chance.choice(["SIGTERM", "SIGKILL"]),
    "lose": lambda chance: chance.random() < 0.4,
    "restore": lambda chance: chance.random() < 0.5,  # of what is lost: whether a copy takes its place
    "fault": lambda chance: chance.choice(["kill", "stop", "pause", "cut", "heal", "heal"]),
    "atomic": lambda chance: chance.random() < 0.5,
}
