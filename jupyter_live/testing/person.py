"""One person in a simulation: a tab that is opened, edited in, cut off, closed and opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pycrdt
from websockets.exceptions import WebSocketException

from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.holding import Kept
from jupyter_live.testing.truth import Gone, Lines, Truth, tokens

NOT_NOW = (OSError, AssertionError, WebSocketException)  # a server that is away, or a file that is


class Person:
    """Plays the steps of one person, and tells the truth about them."""

    def __init__(self, name: str, make: Callable[[list[Kept]], LiveClient], truth: Truth) -> None:
        self.name = name
        self.client = make([])
        self.kept: list[Kept] = []
        """What the browser keeps while the tab is closed."""
        self.is_open = False
        self.is_slow = False
        self.losses = 0
        """How many times the log had been lost when this tab was last connected."""
        self.copies: set[str] = set()
        """Files that this person's version was saved as, and was told of."""
        self._make = make
        self._truth = truth
        self._tabs = 0
        self._epoch = ""
        self._unconfirmed: set[str] = set()
        self._sent: list[tuple[Any, int, str]] = []
        """Tokens that may not be in the file yet: socket, number of the frame, token."""
        self._undo: tuple[pycrdt.Doc[Any], pycrdt.UndoManager] | None = None
        self._work: asyncio.Task[None] | None = None

    # the connection

    @property
    def is_connected(self) -> bool:
        return self.is_open and not self.is_busy and self.client.is_synced and self.client.closed is None

    @property
    def is_busy(self) -> bool:
        return self._work is not None and not self._work.done()

    def connect(self) -> None:
        """Open the tab, or connect it again, while other things happen."""
        if not self.is_busy and not self.is_connected:
            self.is_slow = False
            self._work = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            if self.is_open:
                await self.client.connect()
                return
            self.client, self._tabs = self._make(self.kept), self._tabs + 1
            self.kept, self.is_open = [], True
            await self.client.open()
        except NOT_NOW:
            if not self.client.session:
                self.kept, self.is_open = self.client.owed, False

    async def rest(self) -> None:
        """Until connecting has succeeded or failed."""
        if self._work is not None:
            await self._work

    async def cut(self) -> None:
        if self.is_connected:
            await self.client.cut()

    async def close_tab(self, *, keeps: bool) -> bool:
        """Close the tab; returns whether the browser kept what was not confirmed. (A crash keeps nothing.)"""
        await self.rest()
        self.look()
        kept = await self.client.close_tab()
        self.is_open = False
        self.kept = kept if keeps else []
        if not self.kept:
            self._truth.lose(self._unconfirmed, "its tab crashed")
        self._unconfirmed.clear()
        return bool(self.kept)

    def slow(self, *, reading: bool) -> None:
        if self.is_connected and self.is_slow == reading:
            (self.client.read_on if reading else self.client.stop_reading)()
            self.is_slow = not reading

    async def save(self) -> None:
        if self.is_connected and not self.is_slow:
            with suppress(ConnectionError):  # closed meanwhile: a browser asks again when it is back
                await self.client.save(1)
            self.client.notices[:] = [notice for notice in self.client.notices if notice["type"] != "save"]

    def look_for_epoch(self) -> None:
        """Before anybody's `look`: what has been handed in was there before what somebody has told since."""
        if self.is_open and self.client.session and (epoch := self.client.session["sessionId"]) != self._epoch:
            self._epoch = epoch
            self._truth.handed_in(tokens(self.lines), epoch)

    def look(self) -> None:
        self.copies |= {answer["copy"] for _, answer in self.client.handed_in if answer.get("copy")}
        for conflict in self.client.conflicts:
            lines = (conflict["theirs"] + "\n" + conflict["mine"]).split("\n")
            self._truth.disputed |= tokens([("", lines)])
            if not (conflict["theirs"] and conflict["mine"]):
                self._truth.restored |= tokens([("", lines)])
        if self.is_connected and self.client.is_logged:
            self._unconfirmed.clear()
            self._truth.told(self.client.doc.client_id)

    def saved(self) -> set[str]:
        """Tokens of which the server has said since the last call that they are in the file."""
        client = self.client
        number = client.latest("ack").get("saved", 0) if client.closed is None else 0
        found = {entry for entry in self._sent if entry[0] is client._socket and entry[1] <= number}
        self._sent = [entry for entry in self._sent if entry not in found and entry[0] is client._socket]
        return {token for _, _, token in found}

    # the document

    @property
    def lines(self) -> Lines:
        client = self.client
        if client.type == "file":
            return [("", str(client.text).split("\n"))]
        return [(cell["id"], str(cell["source"]).split("\n")) for cell in client.cells]

    @property
    def has_document(self) -> bool:
        """Whether there is something to edit: not before the first sync."""
        client = self.client
        return bool(len(client.doc.get("state", type=pycrdt.Map)) and (client.type == "file" or len(client.cells)))

    def undo(self) -> None:
        self._undoing().undo()

    def edit(self, action: Callable[[LiveClient], None]) -> None:
        """Do something to the document, and tell the truth what it was."""
        client = self.client
        self._undoing()
        before, gone, cells = self.lines, list[str](), client.cells
        subscription = cells.observe(lambda event: gone.extend(_deleted(event, before)))
        action(client)
        cells.unobserve(subscription)
        brought = self._truth.edited(f"{self.name}.{self._tabs}", before, self.lines)
        epoch = client.session["sessionId"]
        self._truth.typed(brought, epoch)
        for cell in set(gone) - {name for name, _ in self.lines}:  # a move takes a cell away, and puts it in elsewhere
            self._truth.removed(Gone(cell, epoch, client.doc.client_id), tokens(before))
        self._unconfirmed |= brought
        if client.sent and client.closed is None:
            self._sent += [(client._socket, client.sent, token) for token in brought]

    def _undoing(self) -> pycrdt.UndoManager:
        doc = self.client.doc
        if self._undo is None or self._undo[0] is not doc:
            scope = self.client.text if self.client.type == "file" else self.client.cells
            self._undo = doc, pycrdt.UndoManager(scopes=[scope], capture_timeout_millis=0)
        return self._undo[1]


def _deleted(event: Any, before: Lines) -> list[str]:
    """The cells that an array event says were deleted."""
    found, at = [], 0
    for part in event.delta:
        if "delete" in part:
            found += [name for name, _ in before[at : at + part["delete"]]]
        at += part.get("retain", 0) + part.get("delete", 0)
    return found
