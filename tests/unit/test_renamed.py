"""A document whose file was changed while nobody had it open, and which another process goes on logging meanwhile."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pycrdt
import pytest
from channels.layers import channel_layers
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager

from jupyter_live.config import Config
from jupyter_live.consumers.relay import RelayConsumer
from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.files import convert
from jupyter_live.files.contents import Contents
from jupyter_live.files.rate import Rate
from jupyter_live.ids import DocumentId, DocumentName, Epoch
from jupyter_live.layer import LocalChannelLayer
from jupyter_live.leases import Alone
from jupyter_live.log import Entry, FileMark, Fingerprints
from jupyter_live.log.sql import SqlLog
from jupyter_live.opening import Opener
from jupyter_live.palette import Palette

NAME = DocumentName("text", "file", "1")


class SharedLog(SqlLog):
    """Another process logs `late` in the moment in which the history gets another epoch."""

    late: Entry

    async def rename(self, document: DocumentId) -> Epoch:
        self.append(self.late)
        await self.flush()
        return await super().rename(document)


@pytest.mark.usefixtures("database")
async def test_what_is_logged_while_the_history_gets_another_epoch_is_there(tmp_path: Path) -> None:
    channel_layers.set("default", LocalChannelLayer())
    engine = PycrdtEngine()
    log = SharedLog(engine.merge, engine.fold, engine.fold_onto)
    update, content = convert.to_update("file", "one\n")
    history = await log.begin(NAME.id, update, Fingerprints(FileMark(content.fingerprint)))
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(update)
    state = doc.get_state()
    doc.get("source", type=pycrdt.Text).insert(0, "zero\n")
    log.late = Entry(NAME.id, history.epoch, doc.get_update(state), "ada", lambda seq: None)

    (tmp_path / "a.txt").write_text("one\ntwo\n")
    contents = Contents(AsyncFileContentsManager(root_dir=str(tmp_path)), 2**20)
    paths = SimpleNamespace(find=lambda file_id: "a.txt", at=lambda path: "1", claim=lambda file_id, path: True)
    config = Config(tmp_path)
    opener = Opener(config, engine, log, contents, cast(Any, paths), RelayConsumer, Alone(), Rate(5))
    room = await opener.open(NAME, Palette())
    assert convert.to_content("file", *room.whole.updates()).value == "zero\none\ntwo\n"
    assert room.epoch != history.epoch
    await room.save()
    assert (tmp_path / "a.txt").read_text() == "zero\none\ntwo\n"
    await room.stop()
    await log.close()
