"""Who has changed a document since when. Imports nothing of ours."""

from __future__ import annotations


class Writers:
    """Counts changes, and remembers whose first and last each was, of those that nobody has taken note of yet."""

    def __init__(self) -> None:
        self.count = 0
        """Changes so far: a place in their order."""
        self._spans: dict[str, tuple[int, int]] = {}

    def wrote(self, username: str) -> None:
        """Somebody has made a change; nobody has where the name is empty."""
        if username:
            self.count += 1
            first, _ = self._spans.get(username, (self.count, 0))
            self._spans[username] = first, self.count

    def take(self, place: int) -> frozenset[str]:
        """Who made the changes up to a place: they are noted now."""
        taken = frozenset(name for name, (first, _) in self._spans.items() if first <= place)
        for name in taken:
            _, last = self._spans.pop(name)
            if last > place:
                self._spans[name] = place + 1, last
        return taken
