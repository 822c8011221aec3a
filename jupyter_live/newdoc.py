"""Documents that the server makes."""

from __future__ import annotations

import secrets
from typing import Any

import pycrdt


def new_doc() -> pycrdt.Doc[Any]:
    """An empty document, whose own edits carry a client id of 32 bits, as Yjs makes them.

    pycrdt makes 53, of which y-py reads the lower 32: its edits beside ours would wait for ever.
    """
    return pycrdt.Doc(client_id=secrets.randbits(32))
