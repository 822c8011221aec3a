"""Plays a plan with real clients, a real server and a real file, and checks what must hold."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt
from jupyter_ydoc import ydocs

from jupyter_live.files import convert
from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.edits import EDITS
from jupyter_live.testing.holding import Kept
from jupyter_live.testing.outside import File
from jupyter_live.testing.person import Person
from jupyter_live.testing.plan import Plan, Step
from jupyter_live.testing.server import LiveServer
from jupyter_live.testing.truth import Lines, Truth, tokens

IDLE_DELAY = 0.3  # seconds
OPTIONS = "--LiveApp.save_delay=0.2", "--LiveApp.save_delay_max=1", f"--LiveApp.idle_delay={IDLE_DELAY}"
PATIENCE = 25  # times that is looked whether the server is writing
QUIET = 40.0  # seconds until everybody must have everything


class World:
    """The people, the server and the file of one plan."""

    quiet = QUIET

    def __init__(self, plan: Plan, home: Path, server: LiveServer | None = None) -> None:
        self.plan = plan
        self.server = server or LiveServer(home, *OPTIONS)
        self.file = File(self.server.work / ("plan.txt" if plan.kind == "text" else "plan.ipynb"), plan.kind)
        self.truth = Truth(has_ids=plan.kind != "no_ids")
        self.people = [Person(f"person {n}", self._client, self.truth) for n in range(plan.people)]
        self._stopping: asyncio.Task[int] | None = None
        self._loses = self._restores = False
        self._losses = 0
        self._moved: set[str] = set()
        """Tokens of a text that another program has moved since the log was copied."""

    def _client(self, kept: list[Kept]) -> LiveClient:
        doc_format, doc_type = ("text", "file") if self.plan.kind == "text" else ("json", "notebook")
        return LiveClient(self.server, self.file.path.name, doc_format, doc_type, kept=kept)

    async def play(self) -> None:
        """Raises AssertionError with what does not hold."""
        self.file.create()
        await asyncio.to_thread(self.server.start)
        try:
            for person in self.people:
                person.connect()
                await person.rest()
            for step in self.plan.steps:
                await self._step(step)
                await self._check_saved()
            await self._end()
        finally:
            for person in self.people:
                await person.rest()
                await person.client.close()
            await asyncio.to_thread(self.server.stop)
        assert "Traceback" not in self.server.log(), self.server.log()[-5000:]

    async def _step(self, step: Step) -> None:
        for person in self.people:
            person.look_for_epoch()
        for person in self.people:
            person.look()
            person.losses = self._losses if person.is_connected else person.losses
        if edit := EDITS.get(step["do"]):
            self._edit(step, lambda client: edit(client, step))
        else:
            await getattr(self, f"_{step['do']}")(step)
        await asyncio.sleep(step["wait"])

    # people

    def _edit(self, step: Step, action: Callable[[LiveClient], None]) -> None:
        person = self.people[step["who"]]
        if person.is_open and person.has_document:
            person.edit(action)

    async def _undo(self, step: Step) -> None:
        self._edit(step, lambda _: self.people[step["who"]].undo())

    async def _cut(self, step: Step) -> None:
        await self.people[step["who"]].cut()

    async def _connect(self, step: Step) -> None:
        if self._is_up and self.people[step["who"]].is_open:
            self.people[step["who"]].connect()

    async def _reopen(self, step: Step) -> None:
        if self._is_up and not self.people[step["who"]].is_open:
            self.people[step["who"]].connect()

    async def _slow(self, step: Step) -> None:
        self.people[step["who"]].slow(reading=False)

    async def _read(self, step: Step) -> None:
        self.people[step["who"]].slow(reading=True)

    async def _save(self, step: Step) -> None:
        if self._is_up:
            await self.people[step["who"]].save()

    async def _tab(self, step: Step, *, keeps: bool = True) -> None:
        person = self.people[step["who"]]
        if person.is_open:
            had = tokens(person.lines)
            if not await person.close_tab(keeps=keeps) and person.losses != self._losses:
                self.truth.lose(had - self._held(), "the log was lost, then the last tab that had it was closed")

    async def _crash(self, step: Step) -> None:
        await self._tab(step, keeps=False)

    # the server

    @property
    def _is_up(self) -> bool:
        return self._stopping is None

    async def _stop(self, step: Step) -> None:
        if self._is_up:
            self._stopping = asyncio.create_task(asyncio.to_thread(self.server.stop, signal.Signals[step["signal"]]))
            self._loses, self._restores = step["lose"], step.get("restore", False)

    async def _start(self, step: Step) -> None:
        if self._stopping is None:
            return
        await self._stopping
        for person in self.people:
            await person.rest()
        if self._loses:
            self._losses += 1
            self.truth.lose(self.truth.alive - self._held(), "it was in the log alone, and that was lost")
            (self.server.restore_database if self._restores else self.server.lose_database)()
            if self._restores:
                self.truth.moved_unseen(self._moved)
        await asyncio.to_thread(self.server.start)
        self._stopping = None

    async def _copy(self, step: Step) -> None:
        if self._is_up:
            await asyncio.to_thread(self.server.copy_database)
            self._moved.clear()

    async def _evict(self, step: Step) -> None:
        for person in self.people:
            await person.rest()
            await person.cut()
        await asyncio.sleep(IDLE_DELAY + 0.5)

    def _held(self) -> set[str]:
        """Every token that is in the file, or that a tab or a browser has."""
        found: set[str] = set()
        try:
            found |= tokens(self.file.lines())
        except (OSError, ValueError):
            pass
        for person in self.people:
            if person.is_open:
                found |= tokens(person.lines)
            for kept in [*person.kept, *person.client.owed]:
                found |= _tokens_in(kept)
        return found

    # the file

    async def _outside(self, step: Step) -> None:
        if changed := await self._write(lambda: self.file.change(step)):
            self._moved |= _moved_in(*changed) if step["how"] == "reorder" and self.plan.kind == "text" else set()

    async def _break(self, step: Step) -> None:
        await self._write(lambda: self.file.tear(step))

    async def _vanish(self, step: Step) -> None:
        await self._write(self.file.vanish)

    async def _mend(self, step: Step) -> None:
        await self._write(lambda: self.file.mend(step["token"]))

    _restore = _mend

    async def _write(self, change: Callable[[], tuple[Lines, Lines] | None]) -> tuple[Lines, Lines] | None:
        """Change the file between two writes of the server: who of two that write at once comes last, nobody knows."""
        if self._stopping is not None:
            await self._stopping
            return self._tell(change())
        self.server.pause()
        try:
            for _ in range(PATIENCE):
                if not await asyncio.to_thread(self._is_writing):
                    break
                self.server.resume()
                await asyncio.sleep(0.02)
                self.server.pause()
            # What is still noted as about to be written is a save that failed, or that a kill ended.
            return self._tell(change())
        finally:
            self.server.resume()

    def _is_writing(self) -> bool:
        return self.server.is_writing()

    def _tell(self, changed: tuple[Lines, Lines] | None) -> tuple[Lines, Lines] | None:
        if changed:
            self.truth.removed_outside(*changed)
            self.truth.typed_outside(self.truth.edited("file", *changed))
        return changed

    # what must hold

    async def _check_saved(self) -> None:
        """What the server says is in the file is in the file."""
        saved = {token for person in self.people for token in person.saved()}
        for _ in range(25):
            missing = saved & self.truth.alive - self.truth.lost.keys()
            try:
                missing -= tokens(self.file.lines())
            except (OSError, ValueError):
                pass
            if not missing or self.file.whole is not None:
                return
            await asyncio.sleep(0.02)  # it may be being written once more
        raise AssertionError(f"said to be saved, and not in the file: {missing}")

    async def _end(self) -> None:
        await self._start({})
        await self._write(lambda: self.file.mend("<999>"))
        clients = [person.client for person in self.people]
        fresh = Person("fresh", self._client, self.truth)
        self.people.append(fresh)
        deadline = asyncio.get_running_loop().time() + self.quiet
        while wrong := self._unrest():
            for person in self.people:
                person.slow(reading=True)
                person.connect()
            if asyncio.get_running_loop().time() > deadline:
                told = [(client.closed, client.sent, client.owed != [], client.notices[-4:]) for client in clients]
                raise AssertionError(f"never quiet: {wrong}\n{told}\n{self._all()}\n{self.server.log()[-3000:]}")
            await asyncio.sleep(0.05)
        for person in self.people:
            person.look_for_epoch()
        for person in self.people:
            person.look()
            for copy in person.copies:
                self.truth.lose(tokens(self.file.lines(copy)), f"it is in {copy}, and that was told")
        if errors := self.truth.errors(fresh.lines):
            raise AssertionError("\n".join([*errors, str(fresh.lines)]))

    def _unrest(self) -> str:
        """Why not everybody has everything yet."""
        for person in self.people:
            if not person.is_connected:
                return f"{person.name} is not connected: {person.client.closed}"
            if not person.client.is_saved or person.client.latest("state").get("file") != "saved":
                return f"{person.name}'s changes are not saved"
        contents = [self._content(person.client) for person in self.people]
        if any(content != contents[0] for content in contents):
            return "the clients differ"
        try:
            file = self._file_content()
        except (OSError, ValueError) as error:
            return f"the file is broken: {error}"
        return "" if file == contents[0] else f"the file is another: {file} {contents[0]}"

    def _content(self, client: LiveClient) -> Any:
        """What the document would be as a file, and its cells' ids."""
        # Not by an update of it: yrs 0.28 makes broken ones of a document with an undo manager.
        _, content = convert.to_update(client.type, ydocs[client.type](client.doc).get())
        names = [] if client.type == "file" else [cell["id"] for cell in client.cells]
        return content.fingerprint, names if self.plan.kind == "ids" else len(names)

    def _file_content(self) -> Any:
        if self.plan.kind == "text":
            return convert.to_update("file", self.file.path.read_text())[1].fingerprint, 0
        notebook = json.loads(self.file.path.read_text())
        names = [cell.get("id", "") for cell in notebook["cells"]]
        fingerprint = convert.to_update("notebook", _joined(notebook))[1].fingerprint
        return fingerprint, names if self.plan.kind == "ids" else len(names)

    def _all(self) -> list[tuple[str, Lines]]:
        return [(person.name, person.lines) for person in self.people]


def _joined(notebook: dict[str, Any]) -> dict[str, Any]:
    """Texts as one string each, as Jupyter reads them."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = "".join(output["text"])
            for mime, value in output.get("data", {}).items():
                output["data"][mime] = "".join(value)
    return notebook


def _moved_in(before: Lines, after: Lines) -> set[str]:
    """The tokens of a text's lines that are others now."""
    pairs = zip(before[0][1], after[0][1], strict=True)
    return {token for old, new in pairs if old != new for token in tokens([("", [old, new])])}


def _tokens_in(kept: Kept) -> set[str]:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(kept.mine)
    texts = [str(doc.get("source", type=pycrdt.Text))]
    texts += [str(cell["source"]) for cell in doc.get("cells", type=pycrdt.Array)]
    return tokens([("", texts)])
