"""File content to update, and update to file content, on documents nobody else sees.

`jupyter_ydoc` knows the shared model of each type. It is used on throw-away documents only: its `set()` on a live one
rewrites whole cells, and is quadratic. Everything here may run in a worker thread or process.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import dataclass, field, replace
from typing import Any

import pycrdt
from jupyter_ydoc import YNotebook, YUnicode, ydocs

from jupyter_live.errors import LiveError
from jupyter_live.files.canonical import canonical
from jupyter_live.files.mend import mend
from jupyter_live.newdoc import new_doc

BLANK = 1000  # bytes that a value without content may have


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, as the shared model has it. `fingerprint` is equal for equal content.

    `packed` is that value, pickled: as 18 MB of bytes it is quickly given to another process, and as the objects it is
    made of it takes 40 ms to copy.

    `trust` tells which cells of a notebook are trusted. Jupyter shows it in the content, but keeps it as a signature
    beside the file, and signs of its own accord: a file just saved may come back with other trust.
    """

    packed: bytes = field(compare=False)  # equal values may be packed otherwise
    fingerprint: str
    trust: tuple[bool, ...] = ()
    ids: tuple[str, ...] = ()
    """Of the cells as the document has them; the file may lack them, or have others."""
    is_mended: bool = False
    """Whether the document has cells twice, unlike this; see `mend.py`."""

    @property
    def value(self) -> Any:
        """The value, made anew each time: not for the event loop where it is large."""
        return pickle.loads(self.packed)

    @property
    def is_blank(self) -> bool:
        """Whether there is no text and no cell in it."""
        if self.size > BLANK:
            return False
        value = self.value
        return not (value.get("cells") if isinstance(value, dict) else value)

    @property
    def size(self) -> int:
        """Bytes of all this, about."""
        return len(self.packed)

    @property
    def identified(self) -> Any:
        """The value, its cells with these ids: for telling which cell is which."""
        value = self.value
        if not self.ids:
            return value
        cells = zip(self.ids, value["cells"], strict=False)
        return {**value, "cells": [{**cell, "id": cell_id} for cell_id, cell in cells]}


def packed(value: Any) -> Content:
    """A value that is no file's: without a fingerprint."""
    return Content(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), "")


def to_update(doc_type: str, value: Any) -> tuple[bytes, Content]:
    """An update that makes an empty document of `value`, and the content it then has.

    Raises LiveError `invalid_notebook` or `invalid_file` when the value does not fit the type, `unsupported_type` for
    an unknown type.
    """
    doc = new_doc()
    try:
        shared = _model(doc_type, doc)
        shared.set(value)
        return doc.get_update(), _content(doc, doc_type, shared)
    except LiveError:
        raise
    except Exception as error:  # models come from any package, and meet whatever is in a file
        code = "invalid_notebook" if doc_type == "notebook" else "invalid_file"
        raise LiveError(code, f"{type(error).__name__}: {error}"[:200]) from error


def to_content(doc_type: str, *updates: bytes) -> Content:
    """The content of a document, from all its updates.

    Raises LiveError `save_failed` when clients have written what no file can hold.
    """
    try:
        doc = new_doc()
        for update in updates:
            doc.apply_update(update)
        is_mended = doc_type == "notebook" and mend(doc) is not None
        return replace(_content(doc, doc_type, _model(doc_type, doc)), is_mended=is_mended)
    except (LiveError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the engine's panics are no Exceptions
        raise LiveError("save_failed", f"{type(error).__name__}: {error}"[:200]) from None


def is_supported(doc_type: str) -> bool:
    return doc_type in ydocs


def _model(doc_type: str, doc: pycrdt.Doc[Any]) -> Any:
    try:
        return ydocs[doc_type](doc)
    except KeyError:
        raise LiveError("unsupported_type", doc_type) from None


def _content(doc: pycrdt.Doc[Any], doc_type: str, shared: Any) -> Content:
    value = shared.get()
    trust, ids = tuple[bool, ...](), tuple[str, ...]()
    if isinstance(shared, YNotebook):
        _drop_blanks(value)
        if not value.get("nbformat"):
            value.update(_VERSION)
        kept, trust = _split_trust(value)
        ids = tuple(str(cell.get("id")) for cell in doc.get("cells", type=pycrdt.Array))
        text = json.dumps(kept, sort_keys=True, default=str)
    else:
        text = value if isinstance(shared, YUnicode) else canonical(value)
    fingerprint = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return replace(packed(value), fingerprint=fingerprint, trust=trust, ids=ids)


# Of a document that tells none, as one made by a program may: Jupyter does not write a notebook without.
_VERSION = {"nbformat": 4, "nbformat_minor": 5}

# What jupyter_ydoc adds to a notebook that names neither kernel nor language.
_BLANK = {"kernelspec": {"name": "", "display_name": ""}, "language_info": {"name": ""}}


def _drop_blanks(notebook: dict[str, Any]) -> None:
    """Take the shared model's placeholders out again: a file that did not have them does not get them."""
    metadata = notebook.get("metadata", {})
    for key, blank in _BLANK.items():
        if metadata.get(key) == blank:
            del metadata[key]


def _split_trust(notebook: dict[str, Any]) -> tuple[dict[str, Any], tuple[bool, ...]]:
    """A notebook as its file has it, and the trust in its cells.

    Without the cells' ids: a file that lacks some, or all its cells, gets other ones each time that it is read.
    """
    cells, trust = [], []
    for cell in notebook.get("cells", []):
        metadata = dict(cell.get("metadata") or {})
        trust.append(bool(metadata.pop("trusted", False)))
        cells.append({key: value for key, value in cell.items() if key != "id"} | {"metadata": metadata})
    return {**notebook, "cells": cells}, tuple(trust)
