"""A process that cannot open a document does not keep the lease of its file: another one may be able to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from channels.layers import channel_layers
from waiting import until

from jupyter_live.config import Config
from jupyter_live.consumers.relay import RelayConsumer
from jupyter_live.errors import LiveError
from jupyter_live.files.rate import Rate
from jupyter_live.ids import DocumentId, DocumentName
from jupyter_live.layer import LocalChannelLayer
from jupyter_live.leases import Alone
from jupyter_live.opening import Opener
from jupyter_live.palette import Palette
from jupyter_live.rooms import Files, Rooms

NAME = DocumentName("text", "file", "1")


class Leases(Alone):
    """Writes down what is held."""

    def __init__(self) -> None:
        super().__init__()
        self.held: set[DocumentId] = set()
        self.taken = 0

    async def take(self, document: DocumentId) -> bool:
        self.held.add(document)
        self.taken += 1
        return True

    async def release(self, document: DocumentId) -> None:
        self.held.discard(document)


class Contents:
    """Cannot be read."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.manager = object()

    def local(self, path: str) -> None:
        return None

    async def size(self, path: str) -> int:
        raise self.error


@pytest.fixture(autouse=True)
def layer() -> None:
    channel_layers.set("default", LocalChannelLayer())


def opener(leases: Leases, error: BaseException) -> Opener:
    paths = SimpleNamespace(find=lambda file_id: "a.txt", at=lambda path: "1")
    config, nothing = Config(Path()), cast(Any, None)
    contents = cast(Any, Contents(error))
    return Opener(config, nothing, nothing, contents, cast(Any, paths), RelayConsumer, leases, Rate(5))


@pytest.mark.parametrize(
    ("error", "code"),
    [(LiveError("file_missing"), "file_missing"), (RuntimeError("broken"), "could_not_open")],
)
async def test_when_opening_fails(error: BaseException, code: str) -> None:
    leases = Leases()
    with pytest.raises(LiveError, match=code):
        await opener(leases, error).open(NAME, Palette())
    assert leases.taken == 1 and not leases.held


async def test_when_taking_over_fails() -> None:
    leases = Leases()
    log = SimpleNamespace(health=None, is_shared=False)
    files = Files(lambda path: NAME.file_id, lambda file_id: "a.txt", lambda file_id, path: None, lambda path: None)

    async def open_room(*arguments: Any) -> Any:
        raise LiveError("file_missing")

    rooms = Rooms(Config(Path()), cast(Any, log), open_room, files, leases, RelayConsumer)
    room = SimpleNamespace(document=NAME.id, bridge=SimpleNamespace(has_file=False))
    rooms.look_for_file(cast(Any, room))
    await until(lambda: leases.taken)
    await rooms.takeover.close()
    assert not leases.held
    await rooms.drain()
