"""A colour for everybody who is here, never the same one twice."""

from __future__ import annotations

# JupyterLab's own collaborator colours first: they follow the theme.
_THEME = [f"var(--jp-collaborator-color{n})" for n in range(1, 8)]
_GOLDEN_ANGLE = 137.508  # degrees: each further hue falls into the widest gap that is left


class Palette:
    """Colours by username. A person keeps theirs while connected anywhere, and gets it again if it is still free."""

    def __init__(self) -> None:
        self._in_use: dict[str, tuple[str, int]] = {}

    def take(self, username: str, wish: str | None = None) -> str:
        """Count one more socket of `username`; returns their colour. A `wish` is granted when nobody has it."""
        color, sockets = self._in_use.get(username) or (self._free(wish), 0)
        self._in_use[username] = color, sockets + 1
        return color

    def give_back(self, username: str) -> None:
        color, sockets = self._in_use.pop(username)
        if sockets > 1:
            self._in_use[username] = color, sockets - 1

    def _free(self, wish: str | None) -> str:
        taken = {color for color, _ in self._in_use.values()}
        if wish and wish not in taken:
            return wish
        for color in _THEME:
            if color not in taken:
                return color
        n = len(taken) - len(_THEME)
        while (color := f"hsl({n * _GOLDEN_ANGLE % 360:.3f} 65% 45%)") in taken:
            n += 1
        return color
