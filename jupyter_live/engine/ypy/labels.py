"""Client ids of 53 bits, as pycrdt makes them, for an engine that reads 32 bits of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

CLIENTS = 2**32  # that y-py can tell apart


class Labels:
    """A number of 32 bits for each client, in the order of their ids, by which engines decide who comes first."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = sorted({*ids})
        step = CLIENTS // (len(self._ids) + 1)
        self.label_of = {client: (n + 1) * step for n, client in enumerate(self._ids)}
        self.id_of = {label: client for client, label in self.label_of.items()}

    def learn(self, ids: Iterable[int]) -> bool:
        """Give labels to those that have none; False when there is none left between two, which takes a few dozen."""
        return all(client in self.label_of or self._learn(client) for client in ids)

    def anew(self, ids: Iterable[int]) -> Labels:
        """Other labels, for these as well."""
        return Labels([*self._ids, *ids])

    def _learn(self, client: int) -> bool:
        at = bisect_left(self._ids, client)
        low = self.label_of[self._ids[at - 1]] if at else 0
        high = self.label_of[self._ids[at]] if at < len(self._ids) else CLIENTS
        if high - low < 2:
            return False
        label = client if low < client < high else (low + high) // 2
        self._ids.insert(at, client)
        self.label_of[client], self.id_of[label] = label, client
        return True
