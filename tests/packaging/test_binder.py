"""The steps that Binder takes, without its container: a fresh environment, postBuild, and start with its arguments."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import venv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from releases import ROOT, run

TOKEN = "t0ken-of-the-launch"
BASE = "/user/example-demo-x1y2z3/"

# What BinderHub runs where nothing else is configured (helm-chart/binderhub/values.yaml: singleuser.cmd).
COMMAND = ["python3", "-c", "import os, sys; os.execvp('jupyter-lab', sys.argv)"]


class Launch:
    """One launch: a copy of the repository as the home folder, and an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.environment = folder / "environment"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, self.home / name, follow_symlinks=False)
        venv.create(self.environment, with_pip=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
        self.variables = {
            **kept,
            "HOME": str(self.home),
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{kept['PATH']}",
            "BINDER_LAUNCH_HOST": "https://mybinder.org/",
            "BINDER_REPO_URL": "https://github.com/example/demo",
        }

    def build(self) -> None:
        run("binder/postBuild", cwd=self.home, env=self.variables)

    def start(self) -> subprocess.Popen[bytes]:
        options = [f"base_url={BASE}", f"token={TOKEN}", "trust_xheaders=True", "allow_origin=*", "allow_origin_pat=.*"]
        apps = [f"--{app}.{option}" for app in ("NotebookApp", "ServerApp") for option in options]
        # Binder's servers listen to all of the container, and do not run as root.
        own = ["--ip=127.0.0.1", f"--port={self.port}", "--allow-root", "--no-browser"]
        with (self.home.parent / "server.log").open("wb") as log:
            return subprocess.Popen(
                ["binder/start", *COMMAND, *own, *apps],
                cwd=self.home,
                env=self.variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    launch = Launch(tmp_path_factory.mktemp("binder"))
    launch.build()
    server = launch.start()
    try:
        yield launch
    finally:
        server.terminate()
        server.wait(60)


@pytest.mark.timeout(1800)
def test_a_launch_opens_the_welcome_notebook_live(launch: Launch) -> None:
    origin = f"http://127.0.0.1:{launch.port}"
    browser = build_opener(HTTPCookieProcessor())
    deadline = time.monotonic() + 120
    page = ""
    while not page and time.monotonic() < deadline:
        with suppress(URLError, ConnectionError):
            # As BinderHub sends people there: to the root of the server, with the token.
            with browser.open(f"{origin}{BASE}?token={TOKEN}", timeout=60) as answer:
                assert answer.url == f"{origin}{BASE}lab/tree/examples/welcome.ipynb?token={TOKEN}"
                page = answer.read().decode()
        time.sleep(0.2)
    found = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found, (launch.home.parent / "server.log").read_text()
    told = json.loads(found[1])
    assert told["liveTemporary"]["host"] == "mybinder.org"
    assert "jupyter-live" in [extension["name"] for extension in told["federated_extensions"]]
    body = json.dumps({"format": "json", "type": "notebook"}).encode()
    session = f"{origin}{BASE}api/collaboration/session/examples%2Fwelcome.ipynb?token={TOKEN}"
    with browser.open(Request(session, body, method="PUT"), timeout=60) as answer:
        assert answer.status in (200, 201)
    plugin = "@jupyterlab/apputils-extension:notification"
    with browser.open(f"{origin}{BASE}lab/api/settings/{plugin}", timeout=60) as answer:
        assert json.load(answer)["schema"]["properties"]["fetchNews"]["default"] == "false"
    with pytest.raises(HTTPError):
        build_opener().open(f"{origin}{BASE}api/contents", timeout=60)
