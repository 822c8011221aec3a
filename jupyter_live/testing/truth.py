"""What was done to a document in a simulation, and so what must be in it at the end.

Every text typed is a token, like `<12>`, that occurs nowhere else. A token must be there exactly once, unless

- somebody deleted it: a person, an undo, another program. Then it may come back where others edited its line, but is
  not doubled either;
- it can be nowhere: not logged when its tab crashed, or only in the log when that was lost (`lost`);
- it is in a copy of the file that its person was told of (`lost`, too);
- it was typed into a cell that somebody who had not seen it deleted (`lost`, too);
- its line was edited from two sides, or is part of a conflict that was told: both versions of the line were kept;
- its line and another one have become one, by an undo that took away the end of a line, or since one side deleted the
  lines into which others typed: where it has been brought otherwise since, it stays beside that;
- it is told that its cell was deleted by one side and edited by the other: it came back, and that may be beside a copy
  of it that another program had put into a file without ids;
- it is in lines of a text that another program moved, and an older log was restored since, which may be about to put
  them in where they were;
- the notebook is one without ids, and its cell is there twice, as two people had it who have both edited it: nothing
  tells that it is one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Lines = list[tuple[str, list[str]]]
"""By cell (its id, if it has one): its lines. A text file is one cell."""

ANY = "any epoch"
TOKEN = re.compile(r"<\d+[^<>]*>")


@dataclass(frozen=True)
class Gone:
    """A cell that somebody deleted. Who has not seen that may go on typing into it."""

    cell: str
    epoch: str  # in which it was there
    client: int


class Truth:
    """What must hold. Told of every edit when it is made. `has_ids` tells whether cells have some in the file."""

    def __init__(self, *, has_ids: bool = True) -> None:
        self._has_ids = has_ids
        self.cells: dict[str, str] = {}
        """Every token typed by a person, with its cell."""
        self.alive: set[str] = set()
        """Every token that nobody has deleted."""
        self.lost: dict[str, str] = {}
        """Tokens that may be missing, and why."""
        self.disputed: set[str] = set()
        """Tokens in lines that were told to be there in two versions."""
        self.restored: set[str] = set()
        """Tokens in cells of which it was told that one side had deleted them."""
        self._first: dict[str, str] = {}
        """The token that was the first in the line into which each was typed."""
        self._sides: dict[str, set[str]] = defaultdict(set)
        self._seen: dict[str, set[str]] = defaultdict(set)
        """By cell: every line that anybody has seen in it."""
        self._taken_out: list[set[str]] = []
        """Lines of cells that another program took out of a file without ids, and in which there were no tokens."""
        self._gone: set[Gone] = set()
        self._told: set[Gone] = set()
        """Those that the server knows of."""

    def edited(self, side: str, before: Lines, after: Lines) -> set[str]:
        """Somebody turned `before` into `after`. Returns the tokens that this brought."""
        for name, lines in before:
            self._seen[name] |= {*lines}
        old, new = _lines_of(before), _lines_of(after)
        brought = new.keys() - old.keys()
        self.alive -= old.keys() - new.keys()
        self.alive |= {token for token in brought if token not in self.cells}
        for token in new.keys() & old.keys():
            if old[token][1] != new[token][1]:
                self._sides[token].add(side)
        for token in brought:
            self.cells.setdefault(token, new[token][0])
            known = (self._first[other] for other in TOKEN.findall(new[token][1]) if other in self._first)
            self._first.setdefault(token, next(known, token))
            if new[token][1] != token:
                self._sides[token].add(side)
        return set(brought)

    def typed(self, tokens: Iterable[str], epoch: str) -> None:
        """These tokens were typed into cells of a history."""
        for token in tokens:
            is_gone = any(gone.cell == self.cells[token] and gone.epoch in (epoch, ANY) for gone in self._gone)
            if is_gone or any(lines <= self._seen[self.cells[token]] for lines in self._taken_out):
                self.lose([token], "its cell was deleted by somebody who had not seen it")

    def handed_in(self, tokens: Iterable[str], epoch: str) -> None:
        """These tokens have come to a history with another epoch, in which somebody may have deleted their cells."""
        for token in tokens:
            if any(gone.cell == self.cells.get(token) and gone.epoch == epoch for gone in self._gone - self._told):
                self.lose([token], "its cell was deleted by somebody who had not seen it")

    def typed_outside(self, tokens: Iterable[str]) -> None:
        """These tokens were written into the file."""
        for token in tokens:
            if any(self.cells[token] in (gone.cell, "") for gone in self._gone if gone not in self._told):
                self.lose([token], "its cell was deleted by somebody who had not seen it")

    def removed_outside(self, before: Lines, after: Lines) -> None:
        """Another program took cells out of the file: those of these names, or with all of the tokens in them."""
        names, left = {name for name, _ in after}, tokens(after)
        for name, lines in before:
            here = tokens([(name, lines)])
            if name not in names if name else here and not here & left:
                for cell in {name} if name else {self.cells[token] for token in here} - {""}:
                    gone = Gone(cell, ANY, 0)
                    self._told.add(gone)
                    self.removed(gone, tokens(before))
            elif not name and not here and len(after) < len(before):
                self._without_tokens({*filter(str.strip, lines)} - {line for _, cell in after for line in cell})

    def _without_tokens(self, lines: set[str]) -> None:
        """A cell with these lines was taken out; those that have them are known by nothing else."""
        if lines:
            self._taken_out.append(lines)
            cells = {cell for cell, seen in self._seen.items() if cell and lines <= seen}
            self.lose(
                [token for token, cell in self.cells.items() if cell in cells], "its cell was taken out of the file"
            )

    def moved_unseen(self, tokens: set[str]) -> None:
        """These were moved in the file, and the log is set back to a time before that."""
        self.disputed |= tokens
        self.restored |= tokens

    def told(self, client: int) -> None:
        """The server has all that this client did."""
        self._told |= {gone for gone in self._gone if gone.client == client}

    def removed(self, gone: Gone, seen: Iterable[str]) -> None:
        """A cell was deleted by somebody who has `seen` these tokens."""
        self._gone.add(gone)
        # Of a token from a file without ids nobody knows in which cell it is.
        unseen = {token for token, cell in self.cells.items() if cell in (gone.cell, "")} - set(seen)
        self.lose(unseen, "its cell was deleted by somebody who had not seen it")

    def lose(self, tokens: Iterable[str], why: str) -> None:
        for token in tokens:
            self.lost.setdefault(token, why)

    def errors(self, lines: Lines) -> list[str]:
        """What is wrong with a document that should have it all."""
        where: dict[str, list[str]] = defaultdict(list)
        cells: dict[str, set[int]] = defaultdict(set)
        for number, (_, cell) in enumerate(lines):
            for line in cell:
                for token in TOKEN.findall(line):
                    where[token].append(line)
                    cells[token].add(number)
        found = [f"{token} is missing" for token in sorted(self.alive - where.keys() - self.lost.keys())]
        for token, places in where.items():
            is_twice = len(set(places)) < len(places) and token not in self.restored
            is_open = len(self._sides[token]) > 1 or token in self.disputed or any(map(self._is_joined, places))
            is_open |= not self._has_ids and len(cells[token]) == len(places)
            is_conflict = is_open and not is_twice
            if len(places) > 1 and not is_conflict:
                found.append(f"{token} is there {len(places)} times: {places}")
            if token not in self.cells:
                found.append(f"{token} was never typed")
        twice = [name for name, times in Counter(name for name, _ in lines if name).items() if times > 1]
        return found + [f"cell {name} is there twice" for name in twice]

    def _is_joined(self, line: str) -> bool:
        """Whether a line is made of several."""
        return len({self._first.get(token) for token in TOKEN.findall(line)}) > 1


def tokens(lines: Lines) -> set[str]:
    return set(_lines_of(lines))


def _lines_of(lines: Lines) -> dict[str, tuple[str, str]]:
    return {token: (name, line) for name, cell in lines for line in cell for token in TOKEN.findall(line)}
