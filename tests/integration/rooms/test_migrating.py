"""A server that is configured for jupyter-collaboration."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_live.testing import LiveClient, LiveServer

CONFIG = """
c.YDocExtension.document_save_delay = 0.01
c.YDocExtension.file_poll_interval = 2
c.SQLiteYStore.db_path = "there.db"
"""


async def test_settings_from_file_and_command_line_count_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.py").write_text(CONFIG)
    (tmp_path / "config" / "jupyter_server_ydoc_config.json").write_text('{"YDocExtension": {"disable_rtc": false}}')
    server = LiveServer(tmp_path, "--YDocExtension.document_cleanup_delay=0")
    (server.work / "a.txt").write_text("x")
    (server.work / ".jupyter_ystore.db").write_bytes(b"theirs")
    with server:
        first = (await LiveClient(server, "a.txt", "text", "file").open()).session
        log = server.log()
    for told in (
        r"YDocExtension.document_save_delay = 0.01 .*c.LiveApp.save_delay = 0.01",
        r"YDocExtension.document_cleanup_delay = 0.0 .*--LiveApp.idle_delay=0.0",
        r"YDocExtension.disable_rtc = False .*c.LiveApp.live = True",
        r"YDocExtension.file_poll_interval .*is ignored: ",
        r"SQLiteYStore.db_path .*is ignored: .*the old store is left as it is",
    ):
        assert len(re.findall(told, log)) == 1, f"{told}\n{log}"
    assert first["sessionId"]
    assert (server.work / ".jupyter_ystore.db").read_bytes() == b"theirs"


async def test_switched_off_no_document_opens_live_and_the_reason_is_told(tmp_path: Path) -> None:
    server = LiveServer(tmp_path, "--YDocExtension.disable_rtc=True")
    (server.work / "a.txt").write_text("x")
    with server:
        status, answer = server.session("a.txt", "text", "file")
        assert (status, answer["code"]) == (403, "switched_off")
        assert "LiveApp.live" in answer["message"]
        log = server.log()
    assert "Live editing is switched off (LiveApp.live)" in log
    assert "Traceback" not in log
