"""A text as the words and signs that it is made of."""

from __future__ import annotations

import re
import sys

IN_WORD = r"[^\W\u2e80-\ud7ff]"  # not a character of scripts that are written without spaces

# Words; characters of such scripts; spaces; other signs.
_WORD = re.compile(rf"{IN_WORD}+|[\u2e80-\ud7ff]|\s+|[^\w\s]")

_INSIDE = re.compile(rf"{IN_WORD}{{2}}")


def words(text: str, start: int = 0, end: int = sys.maxsize) -> list[str]:
    """All of the text, or of the part from `start` to `end`, cut so that joined it is the same again."""
    return [found[0] for found in _WORD.finditer(text, start, end)]


def is_in_word(text: str, at: int) -> bool:
    """Whether a cut there goes through a word."""
    return 0 < at < len(text) and _INSIDE.match(text, at - 1) is not None
