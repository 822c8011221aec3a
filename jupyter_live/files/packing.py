"""A content as a timeline keeps it, and back. For a thread of ours, or another process."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_live.errors import LiveError
from jupyter_live.files.convert import Content, packed

LEVEL = 6  # of zlib: 1 is twice as quick and takes a quarter more


@dataclass(frozen=True, slots=True)
class Packed:
    """`data` is compressed JSON, as `tell` shows it; `size` its bytes before.

    `added` and `removed` count lines of text against another content, wherever they stand.
    """

    data: bytes
    size: int
    added: int
    removed: int


def pack(content: Content, before: bytes | None) -> Packed:
    """Pack a content, with its cells' ids; `before` is what was packed before it.

    Raises LiveError `unsupported_type` for values that are no JSON.
    """
    value = content.identified
    lines = Counter(_lines(value))
    known = Counter(_lines(_value(json.loads(zlib.decompress(before))))) if before else Counter[str]()
    text = _json(value)
    added, removed = (lines - known).total(), (known - lines).total()
    return Packed(zlib.compress(text, LEVEL), len(text), added if before else 0, removed)


def unpack(data: bytes, now: Content) -> Content:
    """The content that was packed, to take the place of `now`; as it is no file's, without a fingerprint.

    What a kernel has told of its language since then stays: without it nothing is highlighted until it tells again.
    """
    value = _value(json.loads(zlib.decompress(data)))
    if isinstance(value, dict) and isinstance(metadata := value.get("metadata"), dict):
        present = now.value.get("metadata", {})
        if "language_info" in present:
            metadata.setdefault("language_info", present["language_info"])
    return packed(value)


def tell(data: bytes) -> bytes:
    """What was packed as JSON for clients: an object with `format` (as the contents API has it) and `content`."""
    return zlib.decompress(data)


def _json(value: Any) -> bytes:
    kind = "base64" if isinstance(value, bytes) else "text" if isinstance(value, str) else "json"
    content = base64.b64encode(value).decode() if isinstance(value, bytes) else value
    try:
        return json.dumps({"format": kind, "content": content}, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise LiveError("unsupported_type", f"no JSON: {error}") from error


def _value(told: dict[str, Any]) -> Any:
    return base64.b64decode(told["content"]) if told["format"] == "base64" else told["content"]


def _lines(value: Any) -> Iterator[str]:
    """All lines of text in a value, however deep."""
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        for each in value.values():
            yield from _lines(each)
    elif isinstance(value, list):
        for each in value:
            yield from _lines(each)
