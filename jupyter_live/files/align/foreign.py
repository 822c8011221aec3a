"""Three-way merge of documents whose type another package has registered with `jupyter_ydoc`.

Only their model knows what is in them, and it is asked for whole contents alone: what `set` makes of a content on an
empty document is compared with the live one. On the live one `set` would take out all that is there, with what others
do to it at the same time; and a model that is made for a document may write into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pycrdt

from jupyter_live.errors import LiveError
from jupyter_live.files.align.structure import merge_shared
from jupyter_live.files.canonical import canonical
from jupyter_live.newdoc import new_doc

STATE = "state"  # what of a document is about it, as where its file is, and not in its file


def merge_foreign(model: Any, base: Any, changed: Any, live: Sequence[bytes]) -> tuple[bytes | None, int]:
    """Carry the difference between two contents over to a live document; an update of it, and the number of places.

    Where that cannot be told in the structures, but nobody has changed the live document, it is set to `changed`.
    Raises LiveError `file_changed` when both sides have changed the same.
    """
    was, now = _made(model, base), _made(model, changed)
    before, after = _content(model, [was.get_update()]), _content(model, [now.get_update()])
    here = _content(model, live)
    if after in (before, here):
        return None, 0
    is_untouched = here == before
    try:
        update, places = _merged(was, now, live)
        if _content(model, [*live, update]) == after or not is_untouched:
            return update, places
    except LiveError:
        if not is_untouched:
            raise
    update = _set(model, changed, live)
    if _content(model, [*live, update]) != after:
        raise LiveError("file_changed", "its model does not take it as a whole")
    return update, 1


def _merged(was: pycrdt.Doc[Any], now: pycrdt.Doc[Any], live: Sequence[bytes]) -> tuple[bytes, int]:
    doc, places = _doc_of(live), 0
    state = doc.get_state()
    with doc.transaction():
        for name, root in now.items():
            if name != STATE:
                kind = type(root)
                places += merge_shared(was.get(name, type=kind), root, doc.get(name, type=kind))
    return doc.get_update(state), places


def _set(model: Any, content: Any, live: Sequence[bytes]) -> bytes:
    doc = _doc_of(live)
    state = doc.get_state()
    _asked(lambda: model(doc).set(content))
    return doc.get_update(state)


def _made(model: Any, content: Any) -> pycrdt.Doc[Any]:
    doc = new_doc()
    _asked(lambda: model(doc).set(content))
    return doc


def _content(model: Any, updates: Sequence[bytes]) -> str:
    return canonical(_asked(lambda: model(_doc_of(updates)).get()))


def _doc_of(updates: Sequence[bytes]) -> pycrdt.Doc[Any]:
    doc = new_doc()
    for update in updates:
        doc.apply_update(update)
    return doc


def _asked(model: Any) -> Any:
    """What a model answers, whatever it raises."""
    try:
        return model()
    except Exception as error:
        raise LiveError("file_changed", f"{type(error).__name__}: {error}"[:200]) from error
