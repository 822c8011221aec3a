"""Line endings. Editors count every line break as one character, so shared text has "\\n" alone."""

from __future__ import annotations

from typing import Any


def split(value: Any) -> tuple[Any, str]:
    """Text with "\\n" only, and the line ending that most lines of it had. Other values come back as they are."""
    if not isinstance(value, str):
        return value, "\n"
    windows = value.count("\r\n")
    mac = value.count("\r") - windows
    unix = value.count("\n") - windows
    newline = "\r\n" if windows > max(mac, unix) else "\r" if mac > unix else "\n"
    return value.replace("\r\n", "\n").replace("\r", "\n"), newline


def join(value: Any, newline: str) -> Any:
    """Text as the file has it."""
    return value.replace("\n", newline) if isinstance(value, str) and newline != "\n" else value
