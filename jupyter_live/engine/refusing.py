"""What an engine throws, as an error with a code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_live.errors import LiveError


@contextmanager
def refusing(code: str) -> Iterator[None]:
    """Turn whatever the engine throws at bad bytes into a LiveError of this code.

    Panics of Yrs surface as `PanicException`, which is a BaseException; pycrdt's document is unchanged after one
    (measured on 80,000 mutated updates).
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, LiveError):
        raise
    except BaseException as error:
        raise LiveError(code, f"{type(error).__name__}: {error}"[:200]) from None
