"""Who may do what with a document."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum


class Role(str, Enum):
    """What a member is to a document."""

    VIEWER = "viewer"
    WRITER = "writer"


CAN: dict[Role, frozenset[str]] = {
    Role.VIEWER: frozenset({"read", "presence"}),
    Role.WRITER: frozenset({"read", "presence", "write", "save"}),
}


def can(role: Role, verb: str) -> bool:
    return verb in CAN[role]


def role_of(permissions: Collection[str]) -> Role:
    """The role of someone whom Jupyter's authorizer allows these actions on contents."""
    return Role.WRITER if "write" in permissions else Role.VIEWER
