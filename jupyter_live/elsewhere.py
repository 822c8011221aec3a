"""The file of a document as a process sees it that does not have it: another one loads and saves it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from jupyter_live.errors import LiveError
from jupyter_live.files.bridge import Outcome
from jupyter_live.files.convert import Content
from jupyter_live.files.disk import FileState
from jupyter_live.ids import Seq

ASK_AGAIN = 2.0  # seconds: a message may get lost
GIVE_UP = 10.0  # seconds after which nobody is going to answer

_UNKNOWN = FileState("", None)


class Owner(Protocol):
    """The room, as far as its file elsewhere needs it."""

    def when_durable(self, call: Callable[[], None]) -> None:
        """Do `call` when all that this process has recorded so far is durable."""

    async def flush(self) -> None:
        """Until all that this process has recorded so far is durable. Raises LiveError `log_failed`."""

    @property
    def last(self) -> Seq:
        """The newest row that is here."""

    def publish_control(self, event: dict[str, Any]) -> None:
        """Tell the other processes."""


class FileElsewhere:
    """Takes the place of a `FileBridge`: asks for saves, and knows from what is told what the file holds."""

    has_file = False
    file = _UNKNOWN
    owner: Owner

    def __init__(self) -> None:
        self._on_the_way = 0
        self._newest = Seq(0)
        self._covers = Seq(0)
        self.is_anywhere = True
        """Whether there is somebody who has it, as far as is known."""
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def is_current(self) -> bool:
        """Whether the file has all rows that are here."""
        return not self._on_the_way and self._newest <= self._covers

    def touch(self) -> None:
        """The document may have changed."""
        self._on_the_way += 1
        self.owner.when_durable(self._logged)

    def covers(self, seq: Seq) -> None:
        """Whoever has the file tells that all rows up to this one are in it."""
        self._covers = max(self._covers, seq)

    def hurry(self) -> None:
        """It is saved soon in any case."""

    def watch(self) -> None:
        """Whoever has the file watches it."""

    async def save(self, *, insist: bool = False) -> tuple[Outcome, LiveError | None]:
        """Have the file brought up to date. Never raises: what went wrong is the answer."""
        if not insist and self.is_current:
            return Outcome.NOTHING_TO_SAVE, None
        try:
            await self.owner.flush()
        except LiveError as error:
            return Outcome.FAILED, error
        number, answer = uuid.uuid4().hex, asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            for _ in range(int(GIVE_UP / ASK_AGAIN)):
                if not self.is_anywhere:
                    break
                self.owner.publish_control({"save": number, "seq": self.owner.last})
                await asyncio.wait([answer], timeout=ASK_AGAIN)
                if answer.done():
                    told = answer.result()
                    return Outcome(told["outcome"]), LiveError(told["code"]) if told["code"] else None
        finally:
            del self._asked[number]
        return Outcome.FAILED, LiveError("file_behind")

    def answered(self, answer: dict[str, Any]) -> None:
        """What has become of a save that this process, or another, has asked for."""
        waiting = self._asked.get(answer["saved"])
        if waiting and not waiting.done():
            waiting.set_result(answer)

    async def write_copy(self, content: Content, label: str) -> str:
        """Only whoever has the file has a place for copies. Raises LiveError `file_behind`."""
        raise LiveError("file_behind", "no copy can be written here")

    async def close(self) -> None:
        pass

    def _logged(self) -> None:
        self._on_the_way -= 1
        self._newest = max(self._newest, self.owner.last)
