"""A whole document as bytes, without encoding all of it again and again: that takes 100 ms for 18 MB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_live import protocol, work
from jupyter_live.engine import Engine, Replica
from jupyter_live.engine.slices import Slice, slices
from jupyter_live.engine.updates import check_vector, read_vector, write_vector
from jupyter_live.ids import Origin
from jupyter_live.push import Shared

VECTOR_LIMIT = 2**16  # bytes of a state vector: of 5,000 clients; who claims more gets a plain difference


@dataclass(frozen=True, slots=True)
class Base:
    """A large update, how to cut it, and the state vector of who has it; where that is not known, the replica's."""

    update: bytes
    slices: Sequence[Slice]
    state: bytes | None = None


class Whole:
    """Tells all of a replica, or what somebody lacks of it.

    Of a large document a base is kept, in slices that are also frames, the same for everyone who joins. What came since
    is a difference against the base, and small; when it has become large, `renew` makes a new base in another process.
    """

    def __init__(self, replica: Replica, engine: Engine) -> None:
        self.replica = replica
        self._engine = engine
        self._frames: list[tuple[Shared, dict[int, int]]] = []
        self._state = b"\x00"
        self._size = 0
        self._recent = 0  # bytes of what had come since the base, when it was told last

    async def begin(self, base: Base, take: Callable[[bytes], object] = lambda update: None) -> None:
        """Keep a base: something that the replica has once it was given to `take`, in slices that let others go on."""
        frames = []
        for each in base.slices:
            update = each.cut(base.update)
            take(update)
            frames.append((Shared(protocol.update(update)), each.ends))
            await asyncio.sleep(0)
        self._frames, self._size = frames, len(base.update)
        self._state = self.replica.state() if base.state is None else base.state

    def updates(self) -> list[bytes]:
        """The updates that make the document."""
        recent = self.replica.diff(self._state)
        self._recent = len(recent)
        return [*(protocol.read(frame).payload for frame, _ in self._frames), recent]

    def answer(self, state: bytes) -> list[bytes]:
        """Frames with all that who has `state` lacks: updates, and a step 2 as the last.

        Raises LiveError `malformed_frame` when `state` is no state vector.
        """
        check_vector(state)
        if not self._frames or len(state) > VECTOR_LIMIT:
            return [protocol.step2(self.replica.diff(state))]
        known = read_vector(state)
        frames = [frame for frame, ends in self._frames if any(known.get(of, 0) < end for of, end in ends.items())]
        if frames:
            base = read_vector(self._state)
            state = write_vector({of: max(known.get(of, 0), base.get(of, 0)) for of in known.keys() | base.keys()})
        return [*frames, protocol.step2(self.replica.diff(state))]

    async def lacking(self, updates: Sequence[bytes]) -> Sequence[bytes]:
        """What the replica may lack of a member's updates. Large ones are mostly known: to read 18 MB takes 300 ms.

        Raises LiveError `rejected_update`.
        """
        if (size := sum(map(len, updates))) < work.LARGE:
            return updates
        return [await work.run(size, self._engine.lacking, updates, self.replica.state())]

    async def renew(self) -> None:
        """Begin a new base when much had come since the last, by the time of the last `updates`."""
        if self._recent > max(work.LARGE, self._size // 4):
            await self.begin(await work.run(work.LARGE, pack, self._engine, self.updates()))

    async def fold(self, updates: Sequence[bytes]) -> bytes:
        """One update that stands for these, of this document or another one."""
        return await work.run(sum(map(len, updates)), self._engine.fold, updates)


def pack(engine: Engine, updates: Sequence[bytes]) -> Base:
    """A base of all these updates. Takes 2 s for 18 MB."""
    replica = engine.replica()
    for update in updates:
        replica.apply(update, Origin.LOG)
    whole = replica.snapshot()
    return Base(whole, slices(whole), replica.state())
