"""When Python looks for garbage that is in circles."""

from __future__ import annotations

import gc

MANY = 10_000
"""New objects after which it looks, instead of 700 (2,000 since Python 3.13). In 200 rooms of three people looking took
5 to 10 % of all CPU with 700, and whoever typed meanwhile waited: a p99 of 24 ms, where 5 are left."""


def look_less() -> None:
    """What is loaded by now stays: look at it no more, and at the rest not so often.

    Else each full collection looks through some 400,000 objects, 0.1 s long.
    """
    gc.freeze()
    gc.set_threshold(MANY, *gc.get_threshold()[1:])
