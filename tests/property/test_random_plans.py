"""Random people on one notebook, with cuts, reloads and server restarts: all end equal, nothing confirmed is missing.

`LIVE_SEED=7` plays that plan again; `LIVE_LONG=20` plays so many plans, each ten times as long.
"""

import asyncio
import json
import os
import random
import re
import signal
from pathlib import Path

import pytest

from jupyter_live.testing import LiveClient, LiveServer

LONG = int(os.environ.get("LIVE_LONG", "0"))
SEEDS = [int(os.environ["LIVE_SEED"])] if "LIVE_SEED" in os.environ else random.sample(range(10**6), LONG or 1)
STEPS = 1500 if LONG else 150
PEOPLE = 4
TOKEN = re.compile(r"<\d+😀?>")


class Person:
    """A client, and what it did that the server has not confirmed."""

    def __init__(self, server: LiveServer) -> None:
        self.client = LiveClient(server, "plan.ipynb")
        self.unconfirmed: set[str] = set()

    @property
    def is_connected(self) -> bool:
        return self.client.is_synced and self.client.closed is None

    @property
    def content(self) -> list[tuple[str, str]]:
        return [(cell["id"], str(cell["source"])) for cell in self.client.cells]

    def note(self, what: str) -> None:
        self.look()
        self.unconfirmed.add(what)

    def look(self) -> None:
        if self.is_connected and self.client.is_logged:
            self.unconfirmed.clear()


class Plan:
    """What happens, decided by the seed (and, as clocks differ, by the machine), and what must come of it."""

    def __init__(self, server: LiveServer, seed: int) -> None:
        self.server = server
        self.chance = random.Random(seed)
        self.people = [Person(server) for _ in range(PEOPLE)]
        self.tokens: dict[str, str] = {}
        """Everything ever typed: token -> id of its cell."""
        self.deleted: set[str] = set()
        """Tokens and cells that somebody deleted."""
        self.perhaps_lost: set[str] = set()
        """What was done by somebody who reloaded before it was confirmed."""
        self.sessions: set[str] = set()

    async def play(self, steps: int) -> None:
        await asyncio.gather(*(self.open(person) for person in self.people))
        restarts = dict(zip(self.chance.sample(range(steps), 2), [signal.SIGTERM, signal.SIGKILL], strict=True))
        for step in range(steps):
            if step in restarts:
                await self.restart(restarts[step])
            await self.step()
        for person in self.people:
            if not person.is_connected:
                await self.reconnect(person)

    async def step(self) -> None:
        person = self.chance.choice(self.people)
        person.look()
        if not person.is_connected and self.chance.random() < 0.3:
            return await self.reconnect(person)
        what = self.chance.choices(
            [self.type, self.delete_token, self.add_cell, self.delete_cell], weights=[70, 15, 8, 4]
        )[0]
        what(person)
        happening = self.chance.random()
        if happening < 0.04 and person.is_connected:
            await person.client.cut()
        elif happening < 0.07:
            await self.reload(person)
        elif happening < 0.09 and person.is_connected:
            await person.client.save(self.chance.randrange(2**20))
        elif happening < 0.5:
            await asyncio.sleep(self.chance.choice([0, 0.001, 0.02, 0.1]))

    # edits

    def token(self, person: Person, cell_id: str) -> str:
        token = f"<{len(self.tokens)}{self.chance.choice(['', '😀'])}>"
        self.tokens[token] = cell_id
        person.note(token)
        return token

    def type(self, person: Person) -> None:
        cell = self.chance.choice(list(person.client.cells))
        source = str(cell["source"])
        at = self.chance.choice([0, len(source), *(found.end() for found in TOKEN.finditer(source))])
        cell["source"].insert(len(source[:at].encode()), self.token(person, cell["id"]))

    def delete_token(self, person: Person) -> None:
        cell = self.chance.choice(list(person.client.cells))
        source = str(cell["source"])
        if found := list(TOKEN.finditer(source)):
            token = self.chance.choice(found)
            first, last = (len(source[:at].encode()) for at in token.span())
            del cell["source"][first:last]
            self.deleted.add(token.group())
            person.note(f"without {token.group()}")

    def add_cell(self, person: Person) -> None:
        cell_id = f"cell-{len(self.tokens)}"
        at = self.chance.randint(0, len(person.client.cells))
        person.client.add_cell(at, self.token(person, cell_id), cell_id)

    def delete_cell(self, person: Person) -> None:
        if len(person.client.cells) > 2:
            at = self.chance.randrange(len(person.client.cells))
            self.deleted.add(person.client.cells[at]["id"])
            del person.client.cells[at]

    # what happens to them

    async def open(self, person: Person) -> None:
        await person.client.open()
        self.sessions.add(person.client.session["sessionId"])

    async def reconnect(self, person: Person) -> None:
        await person.client.connect()
        assert person.is_connected, person.client.closed

    async def reload(self, person: Person) -> None:
        """The page is closed: what the server has not confirmed may be gone."""
        person.look()
        self.perhaps_lost |= person.unconfirmed
        if person.is_connected:
            await person.client.cut()
        person.client, person.unconfirmed = LiveClient(self.server, "plan.ipynb"), set()
        await self.open(person)

    async def restart(self, how: signal.Signals) -> None:
        for person in self.people:
            person.look()
        stopping = asyncio.create_task(asyncio.to_thread(self.server.stop, how))
        while not stopping.done():  # they go on typing
            self.type(self.chance.choice(self.people))
            await asyncio.sleep(0.02)
        await stopping
        for person in self.people:
            await person.client.until(lambda person=person: person.client.closed)  # type: ignore[misc]
        await asyncio.to_thread(self.server.start)
        everybody_reloads = self.chance.random() < 0.5  # then only the log can have what they did
        for person in self.chance.sample(self.people, PEOPLE):
            reloads = everybody_reloads or self.chance.random() < 0.5
            await (self.reload if reloads else self.reconnect)(person)

    # what must come of it

    async def check(self, file: Path) -> None:
        first, *others = (person.client for person in self.people)
        contents = [person.content for person in self.people]

        def is_quiet() -> bool:
            contents[:] = [person.content for person in self.people]
            return all(content == contents[0] for content in contents) and all(
                person.client.is_saved for person in self.people
            )

        await first.until(is_quiet)
        assert read(file) == contents[0]
        assert len({cell_id for cell_id, _ in contents[0]}) == len(contents[0]), "no cell twice"
        found = [token for _, source in contents[0] for token in TOKEN.findall(source)]
        assert len(set(found)) == len(found), "no token twice"
        excused = self.deleted | self.perhaps_lost
        missing = {token for token, cell in self.tokens.items() if not {token, cell} & excused} - set(found)
        assert not missing, "confirmed, and gone"
        gone = {token for token in self.deleted if f"without {token}" not in self.perhaps_lost}
        assert not gone & set(found), "a confirmed deletion came back"
        assert len(self.sessions) == 1, "one history all along"
        assert [path.name for path in file.parent.iterdir() if path.suffix == ".ipynb"] == [file.name]


def read(file: Path) -> list[tuple[str, str]]:
    return [(cell["id"], "".join(cell["source"])) for cell in json.loads(file.read_text())["cells"]]


def write(file: Path) -> None:
    cells = [{"id": f"cell-{n}", "cell_type": "markdown", "metadata": {}, "source": []} for n in "ab"]
    file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_people_end_equal_and_nothing_confirmed_is_missing(tmp_path: Path, seed: int) -> None:
    print(f"seed {seed}: LIVE_SEED={seed} plays it again")
    with LiveServer(tmp_path, "--LiveApp.save_delay=0.2", "--LiveApp.idle_delay=0.5") as server:
        file = server.work / "plan.ipynb"
        write(file)
        plan = Plan(server, seed)
        await plan.play(STEPS)
        await plan.check(file)
        for person in plan.people:
            await person.client.close()
        assert "Traceback" not in server.log(), server.log()
