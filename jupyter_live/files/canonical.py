"""Contents of types that other packages bring, in a form that is equal for equal contents."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:
    """What a model's `get` returned, as text to compare. JSON in it counts as the values that it stands for.

    Maps of the engine have no order, and whole numbers that came through a browser have become fractions: the same
    document gives `{"a": 1, "b": 2}` now, and `{"b": 2.0, "a": 1}` another time.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return str(value)
    return json.dumps(_whole(value), sort_keys=True, default=repr)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value
