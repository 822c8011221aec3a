"""Large bytes on their way to another process and back, past the interpreter's lock.

In a pickle that goes through a pipe, 20 MB are copied again and again under that lock, 30 to 100 ms in which no other
thread runs, that of the event loop neither. Here the system copies them, without it: into memory that has no name but
that of an open file, which both processes have.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

HEAVY = 2**16  # bytes from which on they go this way: to pickle as many there and back costs 40 us, an empty parcel 30


class Unreachable(Exception):
    """The other process cannot open what this one has: nothing has been done."""


class Memory(NamedTuple):
    """Where another process finds a memory of this one, and what tells it from what has the place later."""

    path: str
    device: int
    inode: int

    def open(self) -> int:
        """A file descriptor. Raises Unreachable."""
        try:
            found = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise Unreachable(str(error)) from error
        state = os.fstat(found)
        if (state.st_dev, state.st_ino) != (self.device, self.inode):
            os.close(found)
            raise Unreachable(self.path)
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """Work for another process, for `deliver` to do there."""

    there: Memory
    back: Memory
    packed: bytes


class Parcel:
    """One call of a function of a module, and its result, until `close`. For threads: 20 MB take 10 ms to go in."""

    def __init__(self, work: Callable[..., Any], args: tuple[object, ...]) -> None:
        """Raises OSError where there is no such memory."""
        self._fds: list[int] = []
        try:
            there, back = self._memory(), self._memory()
            self.call = Call(there, back, _put(self._fds[0], (work, args)))
        except BaseException:
            self.close()
            raise

    def result(self, packed: bytes) -> Any:
        """What came of it, from what `deliver` has returned."""
        return _take(self._fds[1], packed)

    def _memory(self) -> Memory:
        fd = os.memfd_create("jupyter-live")
        self._fds.append(fd)
        state = os.fstat(fd)
        return Memory(f"/proc/{os.getpid()}/fd/{fd}", state.st_dev, state.st_ino)

    @property
    def is_closed(self) -> bool:
        return not self._fds

    def close(self) -> None:
        """Give the memory back. Who still works on the call notices, or goes on with what is in it already."""
        while self._fds:
            os.close(self._fds.pop())

    def __del__(self) -> None:
        self.close()  # of one that was made for somebody who did not wait


def is_possible() -> bool:
    """Whether this system has such memory: Linux."""
    return hasattr(os, "memfd_create") and Path(f"/proc/{os.getpid()}/fd").is_dir()


def deliver(call: Call) -> bytes:
    """Do the work, in the other process. Raises Unreachable, and what the work raises."""
    there, back = -1, -1
    try:
        there, back = call.there.open(), call.back.open()
        work, args = _take(there, call.packed)
        return _put(back, work(*args))
    finally:
        for fd in (there, back):
            if fd >= 0:
                os.close(fd)


def _put(fd: int, value: Any) -> bytes:
    """Write the heavy bytes of a value into a memory; what is left, for `_take`."""
    left = io.BytesIO()
    _Putting(left, fd).dump(value)
    return left.getvalue()


def _take(fd: int, left: bytes) -> Any:
    return _Taking(io.BytesIO(left), fd).load()


class _Putting(pickle.Pickler):
    def __init__(self, left: io.BytesIO, fd: int) -> None:
        super().__init__(left, pickle.HIGHEST_PROTOCOL)
        self._fd = fd
        self._at = 0

    def persistent_id(self, value: Any) -> tuple[int, int] | None:
        if type(value) is not bytes or len(value) < HEAVY:
            return None
        place, rest = (self._at, len(value)), memoryview(value)
        while rest:
            written = os.write(self._fd, rest)
            self._at, rest = self._at + written, rest[written:]
        return place


class _Taking(pickle.Unpickler):
    def __init__(self, left: io.BytesIO, fd: int) -> None:
        super().__init__(left)
        self._fd = fd

    def persistent_load(self, place: tuple[int, int]) -> bytes:
        at, size = place
        found = os.pread(self._fd, size, at)
        while len(found) < size:  # the system gives 2 GB at once at most
            more = os.pread(self._fd, size - len(found), at + len(found))
            if not more:
                raise EOFError("a parcel that was closed meanwhile")
            found += more
        return found
