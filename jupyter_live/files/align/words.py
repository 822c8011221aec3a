"""A text as the words and signs that it is made of."""

from __future__ import annotations

import re
import sys

# Words; characters of scripts that are written without spaces; spaces; other signs.
_WORD = re.compile(r"[^\W\u2e80-\ud7ff]+|[\u2e80-\ud7ff]|\s+|[^\w\s]")


def words(text: str, start: int = 0, end: int = sys.maxsize) -> list[str]:
    """All of the text, or of the part from `start` to `end`, cut so that joined it is the same again."""
    return [found[0] for found in _WORD.finditer(text, start, end)]
