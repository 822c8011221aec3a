"""Folding by means of a replica: what is deleted in it is not in what it encodes."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_live.engine import Replica
from jupyter_live.ids import Origin


def fold_onto(replica: Replica, before: Sequence[bytes], updates: Sequence[bytes]) -> bytes:
    """As `Engine.fold_onto`; `replica` is an empty one."""
    for update in before:
        replica.apply(update, Origin.LOG)
    state = replica.state()
    for update in updates:
        replica.apply(update, Origin.LOG)
    return replica.diff(state)
