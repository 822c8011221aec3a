"""jupyter-collaboration's own tests of its server (`jupyter-server-ydoc` 3.0.4), unmodified, run against Jupyter Live.

Its tests of loaders, rooms and session stores are not among them: they make these parts of that server by themselves,
and would tell nothing of another one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from companions import Companion, companion

VERSION = "3.0.4"
PACKAGES = [f"jupyter-server-ydoc=={VERSION}", "jupyter-server-fileid[test]", "jupyter-server[test]"]
PACKAGES += ["dirty-equals", "httpx-ws>=0.9,<0.10"]

MIRRORED = "its settings are taken over (docs/migrating.md), but not shown in `jupyter_server_ydoc_config`"

OTHERWISE = {
    "test_default_settings": MIRRORED,
    "test_settings_should_disable_rtc": MIRRORED,
    "test_settings_should_change_file_poll": MIRRORED,
    "test_settings_should_change_document_cleanup": MIRRORED,
    "test_settings_should_change_save_delay": MIRRORED,
    "test_settings_should_change_document_progressive_loading": MIRRORED,
    "test_settings_should_change_notebook_output_delay_threshold": MIRRORED,
    "test_settings_should_change_ystore_class": MIRRORED,
    "test_session_handler_should_respond_with_not_found": "a file that is not there is a 404, not a session",
    "test_room_handler_doc_client_should_stop_file_watcher": "there are no `file_loaders`: rooms watch their files",
    "test_room_handler_doc_client_should_cleanup_room_file": "the WebSocket server has no `stop` of its own",
}
"""Tests that do not pass, and why. docs/compatibility.md tells the same."""

TIMED = {"test_room_concurrent_initialization", "test_room_sequential_opening"}
"""Tests of how long something takes: on a busy machine they say nothing."""

AGAIN = 2
"""Times that one may be run again: some wait 0.1 s for what a busy machine does in 0.2 s."""


@pytest.fixture(scope="module")
def beside() -> Companion:
    return companion("jupyter-collaboration", *PACKAGES)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with their tests, out of the released source package."""
    folder = tmp_path_factory.mktemp("theirs")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--no-binary=:all:", f"jupyter-server-ydoc=={VERSION}"], cwd=folder, check=True)
    with tarfile.open(folder / f"jupyter_server_ydoc-{VERSION}.tar.gz") as archive:
        archive.extractall(folder)  # of the same origin as the package that is installed
    tests = folder / f"jupyter_server_ydoc-{VERSION}" / "tests"
    shutil.copy(Path(__file__).parent / "peers" / "conftest_for_them.py", tests / "conftest.py")
    return tests


@pytest.mark.parametrize("name", ["test_app.py", "test_documents.py", "test_handlers.py"])
def test_they_pass_but_for_those_that_expect_what_we_do_not_promise(beside: Companion, theirs: Path, name: str) -> None:
    """Each in a process of its own, as a server is: Django is configured once in a process."""
    found = re.findall(r"^(?:async )?def (test_\w+)", (theirs / name).read_text(), re.MULTILINE)
    found = [test for test in found if test not in TIMED]
    told = {test: run(beside, theirs / name, test) for test in found}
    for test in found:
        for _ in range(0 if test in OTHERWISE else AGAIN):
            if not passed(told[test]):
                told[test] = run(beside, theirs / name, test)
    failed = {test for test, output in told.items() if not passed(output)}
    wanted = {test for test in found if test in OTHERWISE}
    assert failed == wanted, "\n".join(told[test] for test in failed ^ wanted)


def passed(output: str) -> bool:
    return re.search(r"^\d+ passed", output.splitlines()[-1]) is not None


def run(beside: Companion, file: Path, test: str) -> str:
    """What pytest says of a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JUPYTER"))}
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:warnings", "--timeout=60", "-k", f"{test} or {test}["]
    command: list[str | Path] = [beside.python, "-m", "pytest", *options, str(file)]
    ran = subprocess.run(command, cwd=file.parent.parent, env=kept, stdout=subprocess.PIPE, timeout=120)
    return ran.stdout.decode()
