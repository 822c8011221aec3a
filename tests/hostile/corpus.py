"""Frames that no honest client sends, and what each is refused with."""

from __future__ import annotations

from typing import Any

import pycrdt

from jupyter_live import protocol
from jupyter_live.protocol import AwarenessEntry, write_varuint

MANY = write_varuint(2**28)
CLIENT = b"\x05"  # a client id in the updates below


def state(text: str, client: int = 7, clock: int = 1) -> bytes:
    """An awareness frame with one state."""
    return protocol.awareness(protocol.write_awareness([AwarenessEntry(client, clock, text)]))


def edits() -> list[bytes]:
    """The updates of a document in which somebody types, formats, deletes and nests."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    text = doc.get("source", type=pycrdt.Text)
    for n, word in enumerate(["Once ", "upon ", "a 🎈 ", "time ", "Ünïcödé"]):
        text.insert(0 if n % 2 else len(text), word)
    del text[0:5]
    text.format(0, 4, {"bold": True})
    cells = doc.get("cells", type=pycrdt.Array)
    cells.append(pycrdt.Map({"id": "a", "source": pycrdt.Text("x = 1"), "metadata": {"deep": [1, {"two": None}]}}))
    cells[0]["source"].insert(2, "y ")
    doc.get("state", type=pycrdt.Map)["dirty"] = False
    updates.append(doc.get_update())
    doc.unobserve(subscription)
    return updates


def item(content: bytes, ref: int) -> bytes:
    """An update with one struct: content of a kind, at the start of `cells`."""
    return b"\x01\x01" + CLIENT + b"\x00" + bytes([ref]) + b"\x01\x05cells" + content + b"\x00"


WHOLE = edits()[-1]

FRAMES: dict[str, tuple[bytes | str, str]] = {
    "a text message": ("hello", "malformed_frame"),
    "an empty message": (b"", "malformed_frame"),
    "a sync frame that ends after its type": (b"\x00", "malformed_frame"),
    "a sync frame that ends after its step": (b"\x00\x02", "malformed_frame"),
    "a step that does not exist": (b"\x00\x03\x00", "unknown_message"),
    "a type that does not exist": (b"\x04", "unknown_message"),
    "the chat type of old": (b"\x7d\x00", "unknown_message"),
    "a number without end": (b"\xff" * 10, "malformed_frame"),
    "a number beyond JavaScript's": (b"\xff\xff\xff\xff\xff\xff\xff\x7f", "malformed_frame"),
    "a length beyond the end": (b"\x00\x02\x7f\x00\x00", "malformed_frame"),
    "a length beyond all memory": (b"\x00\x02" + write_varuint(2**50) + b"\x00", "malformed_frame"),
    "bytes after the end": (protocol.step1(b"\x00") + b"\x00", "malformed_frame"),
    "a raw word that does not exist": (b"\x02\x06reload", "unknown_message"),
    "an authentication message": (b"\x02\x00\x06denied", "unknown_message"),
    "a save without a number": (b"\x02\x04save", "malformed_frame"),
    # state vectors
    "an empty state vector": (protocol.step1(b""), "malformed_frame"),
    "a state vector of 2^28 clients": (protocol.step1(MANY), "malformed_frame"),
    "a state vector that is cut off": (protocol.step1(b"\x02\x01\x05\x01"), "malformed_frame"),
    "a state vector of numbers without end": (protocol.step1(b"\x03" + b"\xff" * 6), "malformed_frame"),
    # updates
    "an empty update": (protocol.update(b""), "rejected_update"),
    "half of nothing": (protocol.update(b"\x00"), "rejected_update"),
    "an empty step 2": (protocol.step2(b""), "rejected_update"),
    "an update of 2^28 clients": (protocol.update(MANY + b"\x00"), "rejected_update"),
    "a step 2 of 2^28 clients": (protocol.step2(MANY + b"\x00"), "rejected_update"),
    "an update of 2^28 structs": (protocol.update(b"\x01" + MANY + CLIENT + bytes(8)), "rejected_update"),
    "an update of 2^50 structs": (
        protocol.update(b"\x01" + write_varuint(2**50) + CLIENT + bytes(8)),
        "rejected_update",
    ),
    "deletes of 2^28 clients": (protocol.update(b"\x00" + MANY + CLIENT + b"\x01\x00\x01"), "rejected_update"),
    "2^28 deletes of a client": (protocol.update(b"\x00\x01" + CLIENT + MANY + b"\x00\x01"), "rejected_update"),
    "a string beyond the end": (protocol.update(item(MANY + b"abc", 4)), "rejected_update"),
    "a string that is not UTF-8": (protocol.update(item(b"\x02\xff\xfe", 4)), "rejected_update"),
    "2^28 values": (protocol.update(item(MANY + b"\x7e", 8)), "rejected_update"),
    "a list of 2^28 values": (protocol.update(item(b"\x01\x75" + MANY + b"\x7e", 8)), "rejected_update"),
    "a dictionary of 2^28 values": (protocol.update(item(b"\x01\x76" + MANY + b"\x01a\x7e", 8)), "rejected_update"),
    "a buffer of 2^28 bytes": (protocol.update(item(b"\x01\x74" + MANY + b"a", 8)), "rejected_update"),
    "lists in lists": (protocol.update(item(b"\x01" + b"\x75\x01" * 100_000 + b"\x7e", 8)), "rejected_update"),
    "lists in lists, with company": (
        protocol.update(item(b"\x01" + b"\x75\x02\x77\x02uv" * 100_000 + b"\x7e" + b"\x7e" * 100_000, 8)),
        "rejected_update",
    ),
    "dictionaries in dictionaries": (
        protocol.step2(item(b"\x01" + b"\x76\x01\x01a" * 100_000 + b"\x7e", 8)),
        "rejected_update",
    ),
    "an update that is cut off": (protocol.update(WHOLE[: len(WHOLE) // 2]), "rejected_update"),
    "a step 2 that is cut off": (protocol.step2(WHOLE[:-1]), "rejected_update"),
    "an update of noise": (protocol.update(bytes(range(7, 200, 3))), "rejected_update"),
    # awareness
    "an empty awareness": (protocol.awareness(b""), "malformed_frame"),
    "2^28 awareness states": (protocol.awareness(MANY + b"\x01\x01\x02{}"), "malformed_frame"),
    "an awareness that is cut off": (protocol.awareness(b"\x01\x07\x01\x05{}"), "malformed_frame"),
    "bytes after an awareness": (protocol.awareness(b"\x01\x07\x01\x02{}\x00"), "malformed_frame"),
    "an awareness client beyond JavaScript's": (state("{}", client=2**53), "malformed_frame"),
    "an awareness clock beyond JavaScript's": (state("{}", clock=2**53), "malformed_frame"),
    "an awareness state that is not UTF-8": (protocol.awareness(b"\x01\x07\x01\x02\xff\xfe"), "malformed_frame"),
    "an awareness state that is not JSON": (state("{'a': 1}"), "malformed_frame"),
    "an empty awareness state": (state(""), "malformed_frame"),
    "a number as awareness state": (state("1"), "malformed_frame"),
    "a list as awareness state": (state("[]"), "malformed_frame"),
    "a string as awareness state": (state('"null"'), "malformed_frame"),
    "NaN in an awareness state": (state('{"cursor": NaN}'), "malformed_frame"),
    "Infinity in an awareness state": (state('{"cursor": [-Infinity]}'), "malformed_frame"),
    "a number too large in an awareness state": (state('{"cursor": 1e999}'), "malformed_frame"),
    "an endless number in an awareness state": (state('{"cursor": ' + "9" * 5000 + "}"), "malformed_frame"),
    "a deep awareness state": (state('{"a": ' + "[" * 30_000 + "]" * 30_000 + "}"), "malformed_frame"),
    "a huge awareness state": (state('{"a": "' + "x" * 70_000 + '"}'), "malformed_frame"),
}
