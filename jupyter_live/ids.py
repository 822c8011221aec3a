"""The names of things: documents, histories, people. Imports nothing of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import NewType

DocumentId = NewType("DocumentId", str)
"""``format:type:file id``, which is also the room name in the URL of the wire protocol."""

Epoch = NewType("Epoch", str)
"""The id of one history of a document. Updates of different epochs must never be merged."""

Seq = NewType("Seq", int)
"""Position of a row in a document's log within one epoch; 1, 2, 3 … without holes."""

_FORK_ID = re.compile(r"[0-9a-f]{32}")  # file ids are UUIDs with hyphens

GLOBAL_AWARENESS = "JupyterLab:globalAwareness"
"""The room in which everyone on the server shows who is online."""


@dataclass(frozen=True, slots=True)
class DocumentName:
    """What a document id says: how a file is shared, and which file."""

    format: str
    type: str
    file_id: str

    @classmethod
    def parse(cls, text: str) -> DocumentName | None:
        """Read ``format:type:file id``; None when `text` is something else."""
        parts = text.split(":", 2)
        if len(parts) != 3 or not all(parts):
            return None
        return cls(*parts)

    @property
    def fits(self) -> bool:
        """Whether files of this type are shared in this format; else one file could have two documents."""
        return self.format in (("json",) if self.type == "notebook" else ("text", "base64"))

    @property
    def id(self) -> DocumentId:
        return DocumentId(f"{self.format}:{self.type}:{self.file_id}")

    @property
    def is_fork(self) -> bool:
        """Whether it is no file's document but a fork of one: the file id is the fork's."""
        return is_fork_id(self.file_id)

    @property
    def room(self) -> str:
        """The name of its room to others: the id, or of a fork the fork's."""
        return self.file_id if self.is_fork else self.id


def is_fork_id(text: str) -> bool:
    """Whether this is how a fork is named: 32 hexadecimal digits."""
    return _FORK_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Fork:
    """A document of its own that was made from the history of another one, `root`, and has no file."""

    document: DocumentId
    root: DocumentId
    root_epoch: Epoch
    """Of the history that it shares with its root."""
    synchronize: bool
    title: str
    description: str

    @property
    def id(self) -> str:
        return self.document.rsplit(":", 1)[1]

    def info(self) -> dict[str, str | bool]:
        """What clients are told of it."""
        told = {"title": self.title, "description": self.description}
        return {"root_roomid": self.root, "synchronize": self.synchronize, **told}


class Origin(str, Enum):
    """Where an update comes from. It is also the origin of the CRDT transaction."""

    MEMBER = "member"
    FILE = "file"
    SERVER = "server"
    RELAY = "relay"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated person, as Jupyter's identity provider knows them."""

    username: str
    name: str = ""
    display_name: str = ""
    initials: str = ""
    avatar_url: str | None = None
    color: str | None = None

    def as_user(self, color: str) -> dict[str, str | None]:
        """The `user` field of an awareness state, in JupyterLab's shape."""
        return {
            "username": self.username,
            "name": self.name or self.username,
            "display_name": self.display_name or self.name or self.username,
            "initials": self.initials,
            "avatar_url": self.avatar_url,
            "color": color,
        }
