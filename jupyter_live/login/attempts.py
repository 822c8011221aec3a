"""How often somebody may try a password: counted in Redis, for all relays together."""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache

WINDOW = 300
"""Seconds after the first failure in which failures are counted."""
LIMITS = {"both": 5, "name": 50, "address": 100}
"""Failures: of one name from one address, of a name from anywhere (so that one address locks nobody out elsewhere), of
an address with any names (a school may have one for all)."""


class TooMany(Exception):
    """This name or address has to wait for at most `WINDOW` seconds."""


class Attempts:
    """Those of one name from one address."""

    def __init__(self, name: str, address: str) -> None:
        network = _network(address)
        parts = {"both": f"{name.casefold()} {network}", "name": name.casefold(), "address": network}
        self._keys = {kind: f"{kind}-{_digest(value)}" for kind, value in parts.items()}

    def begin(self) -> None:
        """Count one, before the password is looked at: many at once are seen, and hashing costs 0.5 s of a processor.

        Raises TooMany, and what the cache raises when Redis cannot be reached.
        """
        for kind, limit in LIMITS.items():
            if _increased(self._keys[kind]) > limit:
                raise TooMany(kind)

    def succeeded(self) -> None:
        """Forget the failures of this name, and that this one was counted for the address."""
        cache.delete_many([self._keys["both"], self._keys["name"]])
        try:
            cache.decr(self._keys["address"])
        except ValueError:  # the window is over
            return


def _increased(key: str) -> int:
    cache.add(key, 0, WINDOW)
    try:
        count: int = cache.incr(key)
    except ValueError:  # it ended since
        cache.set(key, 1, WINDOW)
        return 1
    if count == 1:
        cache.touch(key, WINDOW)  # it may have ended within `incr`, which would make one that never ends
    return count


def _network(address: str) -> str:
    """What one customer has: of IPv6 that is 2^64 addresses."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a unix socket has none
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return address


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
