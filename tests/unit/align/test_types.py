"""Types of documents that are neither notebook nor text."""

from typing import Any

import pycrdt
import pytest
from jupyter_ydoc import YBlob

from jupyter_live.errors import LiveError
from jupyter_live.files.align import merge


def blob(value: bytes) -> bytes:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    YBlob(doc).set(value)
    return doc.get_update()


def test_they_are_replaced_when_nobody_has_changed_them() -> None:
    live = blob(b"old")
    merged = merge("blob", b"old", b"new", live)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(live)
    assert merged.update is not None and merged.changed == 1
    doc.apply_update(merged.update)
    assert YBlob(doc).get() == b"new"


def test_they_are_left_alone_when_they_have_the_change_already() -> None:
    assert merge("blob", b"old", b"new", blob(b"new")).update is None


def test_a_change_on_both_sides_is_refused() -> None:
    with pytest.raises(LiveError, match="file_changed"):
        merge("blob", b"old", b"new", blob(b"live"))


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(LiveError, match="unsupported_type"):
        merge("no such type", "", "a", b"\x00\x00")
