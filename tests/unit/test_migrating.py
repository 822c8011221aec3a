"""Settings of jupyter-collaboration: what they become here, and what is said of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config
from traitlets.config.loader import KVArgParseConfigLoader

from jupyter_live.app import LiveApp
from jupyter_live.migrating import read_files, take_over


def config(**settings: Any) -> Config:
    return Config({"YDocExtension": settings})


@pytest.mark.parametrize(
    ("settings", "ours", "written"),
    [
        ({"document_save_delay": 0.5}, {"save_delay": 0.5}, "c.LiveApp.save_delay = 0.5"),
        (
            {"document_save_delay": 30},
            {"save_delay": 30.0, "save_delay_max": 30.0},
            "c.LiveApp.save_delay = 30.0; c.LiveApp.save_delay_max = 30.0",
        ),
        ({"document_cleanup_delay": 5}, {"idle_delay": 5.0}, "c.LiveApp.idle_delay = 5.0"),
        ({"document_cleanup_delay": None}, {"idle_delay": math.inf}, 'c.LiveApp.idle_delay = float("inf")'),
        ({"disable_rtc": True}, {"live": False}, "c.LiveApp.live = False"),
        ({"disable_rtc": False}, {"live": True}, "c.LiveApp.live = True"),
    ],
)
def test_a_setting_with_an_equivalent(settings: dict[str, Any], ours: dict[str, Any], written: str) -> None:
    taken = take_over(config(**settings), own=())
    assert taken.values == ours
    (notice,) = taken.notices
    assert f"Write {written} instead" in notice
    assert next(iter(settings)) in notice


def test_what_is_written_does_what_the_notice_says() -> None:
    taken = take_over(config(document_cleanup_delay=None, disable_rtc=True), own=())
    app = LiveApp(**taken.values)
    assert (app.idle_delay, app.live) == (math.inf, False)


def test_ours_counts_more_than_theirs() -> None:
    taken = take_over(config(document_save_delay=3), own={"save_delay"})
    assert taken.values == {}
    assert "is ignored, since LiveApp.save_delay is set" in taken.notices[0]


def test_from_the_command_line() -> None:
    loader = KVArgParseConfigLoader(
        [
            "--YDocExtension.document_save_delay=2",
            "--YDocExtension.document_cleanup_delay=None",
            "--YDocExtension.disable_rtc=True",
        ]
    )
    taken = take_over(loader.load_config(), own=())
    assert taken.values == {"save_delay": 2.0, "idle_delay": math.inf, "live": False}
    assert any("Write --LiveApp.save_delay=2.0 instead" in notice for notice in taken.notices)
    written = KVArgParseConfigLoader(["--LiveApp.idle_delay=inf", "--LiveApp.live=False"])
    app = LiveApp(config=written.load_config())
    assert (app.idle_delay, app.live) == (math.inf, False)


def test_a_setting_without_equivalent_is_named_once_with_the_reason() -> None:
    told = config(
        file_poll_interval=2,
        file_stop_poll_on_errors_after=3,
        document_load_progressively=True,
        notebook_output_delay_threshold_mb=1,
        ystore_class="x",
        server_side_execution=True,
        session_store_path="y",
        document_save_delay=None,
        no_such_thing=1,
    )
    told.SQLiteYStore.db_path = "z"
    told.SQLiteYStore.squash_after_inactivity_of = 3
    told.TempFileYStore.prefix_dir = "t"
    taken = take_over(told, own=())
    assert taken.values == {}
    assert len(taken.notices) == 12
    for name in (*told.YDocExtension, "db_path", "squash_after_inactivity_of", "prefix_dir"):
        (notice,) = [notice for notice in taken.notices if f".{name} " in notice]
        assert "is ignored: " in notice
    assert sum("left as it is" in notice for notice in taken.notices) == 4


@pytest.mark.parametrize("value", ["soon", [1]])
def test_a_value_that_is_none_is_told_and_ignored(value: Any) -> None:
    taken = take_over(config(document_save_delay=value, document_cleanup_delay=4), own=())
    assert taken.values == {"idle_delay": 4.0}
    assert "is ignored" in taken.notices[0]


def test_a_value_from_the_command_line_that_is_none() -> None:
    loader = KVArgParseConfigLoader(["--YDocExtension.document_save_delay=soon"])
    taken = take_over(loader.load_config(), own=())
    assert taken.values == {} and "is ignored" in taken.notices[0]


def test_nothing_configured_is_nothing_told() -> None:
    assert take_over(Config({"ServerApp": {"port": 1}}), own=()) == ({}, [])


def test_configuration_files_of_its_own_are_read(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "jupyter_server_ydoc_config.py").write_text("c.YDocExtension.document_save_delay = 4\n")
    (second / "jupyter_server_ydoc_config.json").write_text(
        '{"YDocExtension": {"document_save_delay": 9, "disable_rtc": true}}'
    )
    read = read_files([str(first), str(second), str(tmp_path / "none")])
    assert read.YDocExtension == {"document_save_delay": 4, "disable_rtc": True}
