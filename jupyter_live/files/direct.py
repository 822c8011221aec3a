"""What documents do with files, each in one call: with a manager of Jupyter's own that waits for what it does.

For a thread of ours, or another process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_live.files import convert, newlines
from jupyter_live.files.contents import model_of, model_to_save, options_to_read, read_error, save_error
from jupyter_live.files.plain import Head, Plain
from jupyter_live.ids import DocumentName

Written = tuple[str | None, Head]
"""Hash and head of what was written; see `Contents.write`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was read. `update` makes an empty document of it."""

    update: bytes
    content: convert.Content
    hash: str | None
    head: Head
    newline: str


def read(manager: Any, path: str, name: DocumentName) -> Found:
    """What is in a file. Raises LiveError."""
    try:
        model = model_of(manager.get(path, require_hash=True, **options_to_read(name.format, name.type)))
    except Exception as error:
        raise read_error(error, path) from error
    value, newline = newlines.split(model.content)
    update, content = convert.to_update(name.type, value)
    return Found(update, content, model.hash, model.head, newline)


def look(manager: Any, path: str) -> str | None:
    """The hash of a file as it is now. Raises LiveError."""
    if found := Plain(manager).look(path):
        return found[0]
    try:
        return model_of(manager.get(path, content=False, require_hash=True)).hash
    except Exception as error:
        raise read_error(error, path) from error


def write(
    manager: Any, path: str, name: DocumentName, content: convert.Content, newline: str, known: str | None
) -> Written | None:
    """Write a file; None, and nothing is written, if there should be one whose hash is `known`, and there is another.

    Raises LiveError.
    """
    if known is not None and look(manager, path) != known:
        return None
    model = model_to_save(name.format, name.type, newlines.join(content.value, newline))
    try:
        written = model_of(manager.save(model, path))
    except Exception as error:
        raise save_error(error, path) from error
    now = Plain(manager).look(path)
    return (now[0] if now and now[1] == written.head else None), written.head
