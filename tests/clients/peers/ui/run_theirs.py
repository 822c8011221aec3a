"""jupyter-collaboration's own browser tests (of 5.0.0), unmodified, run against Jupyter Live:

    .venv/bin/python tests/clients/peers/ui/run_theirs.py CHECKOUT

`.venv` is what `scripts/test` makes, CHECKOUT a checkout of their repository: no released package has these tests, so
`scripts/test` cannot run them. The outcome is compared with what is expected here; it ends with 1 where they differ.
Pictures of pages are not compared: they differ with a machine's fonts. Port 8888 has to be free: the tests name it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_live.testing import LiveServer

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
CACHE = ROOT / ".companions" / "jupyter-collaboration-ui"

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "steps")]
import chromium  # noqa: E402
from browser.pages import FLAGS  # noqa: E402

PORT = 8888
DATABASE = "/tmp/jupyter_ystore_ui_test.db"
"""Which the tests delete while the server runs: so that is our database, too."""

MERGED = "nobody is asked: what was typed is merged with what another program made of the file"
NAMED = "people are called what the server knows them by, not what their page claims"

OTHERWISE = {
    "tests/collaborationpanel.spec.ts: Without document": NAMED,
    "tests/collaborationpanel.spec.ts: With document": NAMED,
    "tests/conflict.spec.ts: shows a conflict dialog and dismisses it": MERGED,
    "tests/conflict.spec.ts: Revert button reloads the document from disk": MERGED,
    "tests/conflict.spec.ts: Save As button opens the save-as dialog": MERGED,
    "tests/conflict.spec.ts: Show Diff button opens a diff widget": MERGED,
    "tests/conflict.spec.ts: Save Local As button in diff toolbar opens the save-as dialog": MERGED,
    "tests/conflict.spec.ts: Revert to Remote button in diff toolbar reloads the document": MERGED,
    "tests/file.spec.ts: Opening corrupted file": "the dialog says what is wrong with the file, not `Bad request`",
    "tests/progressive-loading.spec.ts: renders notebook content before all delayed large outputs finish": (
        "a notebook is shown when all of it is here"
    ),
    "tests/timeline-slider.spec.ts: should display in status bar without console errors when baseUrl is set": (
        "the timeline is a panel, not an item of the status bar"
    ),
}
"""Tests that do not pass, and why. docs/compatibility.md tells the same."""


@dataclass(frozen=True)
class Part:
    """Tests that need a server of their own kind; in any other they pass without a look."""

    config: str
    choice: tuple[str, ...]
    variable: str = "MAIN_FEATURE"
    base_url: str = "/"


ELSEWHERE = "Conflict handling|when baseUrl is set"
PARTS = [
    Part("jupyter_server_test_config.py", ("--grep-invert", ELSEWHERE)),
    Part(
        "jupyter_server_test_config.py",
        ("--grep", "when baseUrl is set"),
        "TIMELINE_FEATURE",
        "/api/collaboration/timeline/",
    ),
    Part("jupyter_server_test_config_noprogressive.py", ("--grep", "Conflict handling"), "CONFLICT_FEATURE"),
]


def main(checkout: Path) -> int:
    prepare(checkout)
    passed: dict[str, bool] = {}
    for part in PARTS:
        passed |= run(part)
    failed = {name for name, good in passed.items() if not good}
    for name in sorted(failed & OTHERWISE.keys()):
        print(f"as expected, not so here: {name}: {OTHERWISE[name]}")
    for name in sorted(failed - OTHERWISE.keys()):
        print(f"FAILED: {name}")
    for name in sorted(OTHERWISE.keys() - failed):
        print(f"PASSES, or is gone: {name}")
    print(f"{len(passed) - len(failed)} of {len(passed)} hold")
    return int(failed != OTHERWISE.keys())


def prepare(checkout: Path) -> None:
    """A copy of their tests, beside what they need from npm."""
    theirs = checkout / "ui-tests"
    if not (theirs / "tests").is_dir():
        sys.exit(f"{theirs} has no tests: give the path of a checkout of jupyterlab/jupyter-collaboration")
    shutil.rmtree(CACHE / "suite", ignore_errors=True)
    shutil.copytree(theirs, CACHE / "suite", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(HERE / "playwright.config.cjs", CACHE)
    wanted, stamp = (HERE / "package.json").read_text(), CACHE / "node_modules" / "installed"
    if not stamp.is_file() or stamp.read_text() != wanted:
        (CACHE / "package.json").write_text(wanted)
        npm = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=CACHE, check=True)
        stamp.write_text(wanted)


def run(part: Part) -> dict[str, bool]:
    """Which tests of a part pass, by their names; those that they skip themselves are left out."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            sys.exit(f"port {PORT} is taken, which the tests name: end what listens there")
    variables = {
        part.variable: "1",
        "TARGET_URL": f"http://localhost:{PORT}{part.base_url.rstrip('/')}",
        "JUPYTER_LIVE_CHROMIUM": os.environ.get("JUPYTER_LIVE_CHROMIUM") or chromium.find_or_install(),
        "FLAGS": " ".join(FLAGS),
    }
    playwright = ["node", "node_modules/@playwright/test/cli.js", "test", "--config", "playwright.config.cjs"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, server(part, Path(home)):
        subprocess.run([*playwright, *part.choice], cwd=CACHE, env={**os.environ, **variables})
    return dict(outcomes(json.loads((CACHE / "report.json").read_text())))


def server(part: Part, home: Path) -> LiveServer:
    """Configured as theirs is; settings of jupyter-collaboration are taken over where they have an equivalent."""
    options = (f"--config={CACHE / 'suite' / part.config}", f"--LiveApp.database={DATABASE}")
    live = LiveServer(home, *options, app="lab", base_url=part.base_url, token="")
    live.port = PORT
    live.url = f"http://127.0.0.1:{PORT}{part.base_url}"
    return live


def outcomes(suite: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for inner in suite.get("suites", ()):
        yield from outcomes(inner)
    for spec in suite.get("specs", ()):
        for test in spec["tests"]:
            if not any(note["type"] == "skip" for note in test["annotations"]):
                yield f"{spec['file']}: {spec['title']}", test["status"] == "expected"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="jupyter-collaboration's browser tests against Jupyter Live")
    parser.add_argument("checkout", type=Path, help="a checkout of jupyterlab/jupyter-collaboration")
    sys.exit(main(parser.parse_args().checkout))
