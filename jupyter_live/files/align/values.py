"""Three-way merge of JSON values, key by key."""

from __future__ import annotations

import json
from typing import Any, Final


class _Absent:
    """Stands for a key that is not there."""

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent()


def merge_value(base: Any, changed: Any, live: Any) -> tuple[Any, bool]:
    """The merged value, and whether both sides had changed it to something else: then live's stays."""
    if changed in (base, live):
        return live, False
    if live == base:
        return changed, False
    if isinstance(changed, dict) and isinstance(live, dict):
        base = base if isinstance(base, dict) else {}
        new, clashing = merge_keys(base, changed, live)
        merged = {key: value for key, value in {**live, **new}.items() if value is not ABSENT}
        return merged, bool(clashing)
    return live, True


def merge_keys(base: dict[str, Any], changed: dict[str, Any], live: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What to set in `live` (ABSENT: to take out), and the keys that both sides had changed to something else."""
    new, clashing = {}, []
    for key in {**base, **changed}:
        old = live.get(key, ABSENT)
        value, clashes = merge_value(base.get(key, ABSENT), changed.get(key, ABSENT), old)
        if value != old:
            new[key] = value
        if clashes:
            clashing.append(key)
    return new, clashing


def shown(key: str, values: dict[str, Any]) -> str:
    """A key and its value as text for people; nothing when it is not there."""
    return f"{key}: {json.dumps(values[key], ensure_ascii=False, default=str)}" if key in values else ""
