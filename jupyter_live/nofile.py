"""What takes the place of a file where a document has none by design: forks live in the log alone."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import Outcome
from jupyter_live.files.convert import Content
from jupyter_live.files.disk import FileState
from jupyter_live.ids import Seq

_NONE = FileState("", None)


class NoFile:
    """Takes the place of a `FileBridge`. Nothing is ever saved, and nothing is told to be.

    `touched` hears that the document may have changed.
    """

    has_file = True  # nobody else has it either: this process is in charge of all that one process should do
    is_current = False
    file = _NONE
    owner: object

    def __init__(self) -> None:
        self.changes = 0
        """Grows with every change of the document."""
        self.touched: Callable[[], None] = lambda: None

    def touch(self) -> None:
        self.changes += 1
        self.touched()

    def covers(self, seq: Seq) -> None:
        pass

    def hurry(self) -> None:
        pass

    def watch(self) -> None:
        pass

    async def save(self, *, insist: bool = False) -> tuple[Outcome, LiveError | None]:
        """Says that there is no file."""
        return Outcome.FAILED, LiveError("no_file")

    async def write_copy(self, content: Content, label: str) -> str:
        raise LiveError("no_file", "there is no place for copies")

    async def close(self) -> None:
        pass
