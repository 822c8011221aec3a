"""How servers want to be spoken to: the y-websocket protocol, and Hocuspocus' own on top of it."""

from __future__ import annotations

from jupyter_live.protocol import read_varuint, write_varuint

STEP1, STEP2, UPDATE = b"\x00", b"\x01", b"\x02"
SYNC, AWARENESS = b"\x00", b"\x01"
AUTH, SYNC_REPLY = b"\x02", b"\x04"  # Hocuspocus'
EMPTY_UPDATE = b"\x00\x00"


class YWebsocket:
    """The y-websocket protocol: ours, jupyter-collaboration, pycrdt-websocket, @y/websocket-server."""

    asks: tuple[bytes, ...]

    def __init__(self, document: str) -> None:
        self.prefix = b""
        self.sync = SYNC
        """What every frame with an update begins with."""
        self.awareness = AWARENESS
        self.asks = (SYNC + STEP1,)
        """What frames begin with that ask for what this client has."""
        self.hello = [self.sync + STEP1 + b"\x01\x00"]
        """Frames that a client without anything sends first."""

    def update(self, update: bytes) -> bytes:
        """The frame that brings a change."""
        return self.sync + UPDATE + write_varuint(len(update)) + update

    def answer(self, update: bytes = EMPTY_UPDATE) -> bytes:
        """The frame that answers a server that asks for what this client has."""
        return self.sync + STEP2 + write_varuint(len(update)) + update

    def show(self, payload: bytes) -> bytes:
        """The frame that shows presence."""
        return self.awareness + write_varuint(len(payload)) + payload

    def is_whole(self, frame: bytes) -> bool:
        """Of a frame that begins with `sync`: whether it is a step 2."""
        return frame[len(self.sync)] == STEP2[0]

    def changes(self, frame: bytes) -> tuple[bool, bytes]:
        """Of a frame that begins with `sync`: whether it is a step 2, and its update (empty for a step 1)."""
        step = frame[len(self.sync)]
        if step == STEP1[0]:
            return False, b""
        length, at = read_varuint(frame, len(self.sync) + 1)
        return self.is_whole(frame), frame[at : at + length]

    def presence(self, frame: bytes) -> bytes:
        """The awareness update in a frame that begins with `awareness`."""
        length, at = read_varuint(frame, len(self.awareness))
        return frame[at : at + length]


class Hocuspocus(YWebsocket):
    """Each frame begins with the document's name; a client signs in first; the server asks by a type of its own."""

    def __init__(self, document: str) -> None:
        super().__init__(document)
        self.prefix = _string(document)
        self.sync = self.prefix + SYNC
        self.awareness = self.prefix + AWARENESS
        self.asks = (self.sync + STEP1, self.prefix + SYNC_REPLY + STEP1)
        token = b"\x00" + _string("anybody")
        self.hello = [self.prefix + AUTH + token + _string("4.7.0"), self.sync + STEP1 + b"\x01\x00"]


def _string(text: str) -> bytes:
    return write_varuint(len(text.encode())) + text.encode()
