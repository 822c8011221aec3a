"""The engine port: what a Room needs from a CRDT library. Bytes in, bytes out.

Implementations: `pycrdt.py`, and `ypy.py` for relay processes. The contract suites are `EngineContract` and
`HostileEngineContract` in `jupyter_live.testing.engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from jupyter_live.ids import Origin


class Replica(Protocol):
    """The document in memory. Touched by one thread only; its methods never wait."""

    displaced: dict[str, dict[str, Any]]
    """Cells of a notebook, by id, that a member's last update deleted and made anew otherwise: as they were before.

    A member of this process or of another one (`Origin.RELAY`)."""

    @property
    def is_doubled(self) -> bool:
        """Whether a notebook has two cells of one id, as when two people have moved it at once."""

    def apply(self, update: bytes, origin: Origin) -> bool:
        """Integrate an update.

        Returns whether it brought anything: something changed, or it waits for an update that has not come yet.
        Raises LiveError `rejected_update` for bytes that are no update, `waiting_too_much` when more waits than is
        reasonable; the document is then as it was.
        """

    def check(self, update: bytes) -> bool:
        """Read a member's update before it is applied.

        Returns whether it may be applied together with others; else `apply` takes it by itself, as it may displace
        cells. Raises LiveError as `apply`.
        """

    def apply_together(self, updates: Sequence[bytes]) -> tuple[bytes, bool]:
        """Integrate updates that have been checked and may be applied together.

        Returns one update that equals them, and whether it brought anything. Raises LiveError `rejected_update` when
        the engine does not take one of them after all; which, `apply` tells.
        """

    def merge(self, updates: Sequence[bytes]) -> bytes:
        """As `Engine.merge`."""

    def brings(self, update: bytes) -> bool:
        """Whether `apply` would return True; the document is not touched. Raises LiveError `rejected_update`."""

    def state(self) -> bytes:
        """The state vector: what this replica has. Cheap; kept until the next change."""

    def earlier(self) -> bytes:
        """A state vector of now or a while ago, for less: `diff` of it has all that is applied from now on."""

    def diff(self, state: bytes) -> bytes:
        """An update with all that a replica of `state` lacks, and with all that still waits.

        Raises LiveError `malformed_frame` when `state` is no state vector.
        """

    def snapshot(self) -> bytes:
        """The whole document as one update, with all that still waits."""

    def put(self, values: dict[str, Any]) -> bytes | None:
        """Write into the document's `state` map; returns the update, or None when all values were there already."""


class Engine(Protocol):
    """Makes replicas, and works on updates without one."""

    is_hardened: ClassVar[bool]
    """Whether it stands whatever bytes members send. One that does not must serve nothing but loopback unasked."""

    def replica(self, doc_type: str = "") -> Replica:
        """An empty replica of a document of this type."""

    def merge(self, updates: Sequence[bytes]) -> bytes:
        """One update that equals all of `updates`; nothing in them is dropped, waiting or not."""

    def lacking(self, updates: Sequence[bytes], state: bytes) -> bytes:
        """The part of a member's updates that a replica of `state` may lack. Raises LiveError `rejected_update`."""

    def fold(self, updates: Sequence[bytes]) -> bytes:
        """One update that equals all of `updates` in order, without deleted content; waiting ones are kept."""

    def fold_onto(self, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
        """One update with which `before` becomes `before` and `updates`, without content that came and went in them.

        Waiting updates are kept, as in `fold`.
        """
