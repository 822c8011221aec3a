"""The fault matrix: every way to stop x what becomes of the log x what happens to the file x what people do."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import Enum


class Stop(Enum):
    CLEAN = "clean restart"
    TERM = "SIGTERM within the save delay"
    KILL = "SIGKILL"
    IDLE = "idle eviction"


class Log(Enum):
    KEPT = "log kept"
    # After an idle eviction the server is stopped for these: a running one holds its database open.
    LOST = "log lost"
    OLDER = "older copy of the log"  # from before the edit


class File(Enum):
    SAME = "file unchanged"
    ELSEWHERE = "file changed in another cell"  # of a text file: another line
    LINE = "file changed in the same line"
    ORDER = "file with cells reordered"  # of a text file: lines
    REPLACED = "file replaced"


class Person(Enum):
    IDLE = "client idle"
    OFFLINE = "edited while offline"
    TAB = "tab closed and reopened"  # after an edit while offline


class Kind(Enum):
    IDS = "notebook with ids"
    NO_IDS = "notebook without ids"
    TEXT = "text file"

    @property
    def is_text(self) -> bool:
        return self is Kind.TEXT


@dataclass(frozen=True)
class Case:
    """One combination. Where the log lost something there are two: somebody else may open the document first."""

    stop: Stop
    log: Log
    file: File
    person: Person
    kind: Kind
    is_late: bool = False
    """Whether somebody else has opened the document before the one who has its history comes back."""

    @property
    def name(self) -> str:
        parts = self.file.name, self.person.name, self.kind.name, "LATE" if self.is_late else "FIRST"
        return "-".join(parts).lower() + (".txt" if self.kind.is_text else ".ipynb")

    @property
    def was_saved(self) -> bool:
        """Whether the confirmed edit was in the file when that was changed."""
        return self.stop is not Stop.KILL

    def __str__(self) -> str:
        late = ["somebody else first"] if self.is_late else []
        return ", ".join([*(part.value for part in (self.stop, self.log, self.file, self.person, self.kind)), *late])


GROUPS = list(itertools.product(Stop, Log))


def cases(stop: Stop, log: Log) -> list[Case]:
    """All combinations of a way to stop and a fate of the log."""
    late = [False] if log is Log.KEPT else [False, True]
    return [Case(stop, log, *rest) for rest in itertools.product(File, Person, Kind, late)]
