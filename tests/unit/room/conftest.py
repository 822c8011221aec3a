"""A room, its log and its disk."""

from pathlib import Path

import pytest

from jupyter_live.config import Config
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.files.bridge import FileBridge
from jupyter_live.files.contents import Contents
from jupyter_live.files.rate import Rate
from jupyter_live.filing import Mark
from jupyter_live.ids import DocumentName, Epoch, Origin, Seq
from jupyter_live.log import Fingerprints
from jupyter_live.palette import Palette
from jupyter_live.room import Room
from jupyter_live.tail import Tail
from jupyter_live.whole import Whole
from room.making import HeldLog, NoRelay, OnePath, Remembering


@pytest.fixture
async def log() -> HeldLog:
    return HeldLog()


@pytest.fixture
async def disk(tmp_path: Path) -> Remembering:
    return Remembering(root_dir=str(tmp_path))


@pytest.fixture
async def room(tmp_path: Path, log: HeldLog, disk: Remembering) -> Room:
    (tmp_path / "a.txt").write_text("one\n")
    name, config = DocumentName("text", "file", "1"), Config(database=Path(), save_delay=600, save_delay_max=600)
    contents = Contents(disk, config.max_file_size)
    bridge: FileBridge[Mark] = FileBridge(name, OnePath(), contents, config, Rate(600))
    found = await bridge.load()
    engine = PycrdtEngine()
    replica = engine.replica()
    replica.apply(found.update, Origin.FILE)
    whole = Whole(replica, engine)
    room = Room(name, Epoch("epoch"), Tail(Seq(0)), whole, log, bridge, Palette(), lambda document, listener: NoRelay())
    room.opened("a.txt", bridge.file, Fingerprints(), bridge.content, unsaved=False)
    log.commit(len(log.queue))
    return room
