"""A colour for everybody who is here, never the same one twice."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from zlib import crc32

# JupyterLab's own collaborator colours first: they follow the theme.
_THEME = [f"var(--jp-collaborator-color{n})" for n in range(1, 8)]
_GOLDEN_ANGLE = 137.508  # degrees: each further hue falls into the widest gap that is left


_SPREAD = 64
"""Colours among which people of several processes begin, so that two who come at one moment seldom get the same."""


class Palette:
    """Colours by username. A person keeps theirs while connected anywhere, and gets it again if it is still free."""

    def __init__(self) -> None:
        self._in_use: dict[str, tuple[str, int]] = {}

    def take(self, username: str, wish: str | None = None, elsewhere: Mapping[str, str] | None = None) -> str:
        """Count one more socket of `username`; returns their colour. A `wish` is granted when nobody has it.

        `elsewhere` has the colours of people in other processes, by username, where there may be some.
        """
        color, sockets = self._in_use.get(username) or (self._free(username, wish, elsewhere), 0)
        self._in_use[username] = color, sockets + 1
        return color

    def change(self, username: str, wish: str | None) -> str | None:
        """Somebody wishes another colour; returns theirs from now on, or None where they are not here."""
        if username not in self._in_use:
            return None
        color, sockets = self._in_use[username]
        if wish and wish not in {color for color, _ in self._in_use.values()}:
            color = wish
        self._in_use[username] = color, sockets
        return color

    def give_back(self, username: str) -> None:
        color, sockets = self._in_use.pop(username)
        if sockets > 1:
            self._in_use[username] = color, sockets - 1

    def _free(self, username: str, wish: str | None, elsewhere: Mapping[str, str] | None) -> str:
        if elsewhere and username in elsewhere:
            return elsewhere[username]
        taken = {color for color, _ in self._in_use.values()} | {*(elsewhere or {}).values()}
        if wish and wish not in taken:
            return wish
        first = 0 if elsewhere is None else crc32(username.encode()) % _SPREAD
        return next(color for n in count(first) if (color := _color(n)) not in taken)


def _color(number: int) -> str:
    if number < len(_THEME):
        return _THEME[number]
    return f"hsl({(number - len(_THEME)) * _GOLDEN_ANGLE % 360:.3f} 65% 45%)"
