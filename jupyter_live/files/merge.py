"""Merges of contents as files and rooms have them, each one call for a worker thread or process."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from jupyter_live.files import align
from jupyter_live.files.convert import Content
from jupyter_live.files.mend import mend
from jupyter_live.newdoc import new_doc


def merge(
    doc_type: str,
    base: Content,
    changed: Content,
    live: Sequence[bytes],
    only: Collection[str] | None = None,
    again: bool = False,
) -> align.Merged:
    """Carry the difference between two contents over to a document given as updates; see `align.merge`."""
    return align.merge(doc_type, base.identified, changed.identified, live, only, again=again)


def moved(base: Content, mine: Content, updates: Sequence[bytes], live: Sequence[bytes]) -> set[str]:
    """The cells that `mine` changed and that are others in the document `live` by now, with the same id.

    `updates` make the document that `mine` is the content of.
    """
    changed = align.changed_cells(base.identified, mine.identified)
    return align.moved(updates, live, changed) if changed else set()


def mended(live: Sequence[bytes]) -> bytes | None:
    """An update that leaves one cell of each id in the notebook given as updates; None when there is nothing to do."""
    doc = new_doc()
    for update in live:
        doc.apply_update(update)
    return mend(doc)


def nearest(candidates: Sequence[Content], content: Content) -> int:
    """Which of the candidates has most lines in common with a content; the first of several that have."""
    lines = _lines(content)
    return max(range(len(candidates)), key=lambda number: len(_lines(candidates[number]) & lines))


def is_cut_off(content: Content, whole: Content) -> bool:
    """Whether a text is only the beginning of another one."""
    value = content.value
    return isinstance(value, str) and bool(whole.value.startswith(value))


def _lines(content: Content) -> set[str]:
    """Without those that say nothing, such as blank ones."""
    lines = json.dumps(content.value, indent=0, default=str).replace("\\n", "\n").splitlines()
    return {line.strip('",') for line in lines if any(map(str.isalnum, line))}
