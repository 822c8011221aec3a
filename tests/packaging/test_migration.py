"""Coming from jupyter-collaboration and going back: what is installed decides, and nobody edits a configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fresh import Environment
from releases import ROOT, build

THEIRS = ("jupyter-collaboration>=5,<6", "jupyterlab>=4.6,<5")

PLUGINS = """
import json
from jupyter_core.paths import jupyter_path
from jupyterlab_server.config import get_page_config
print(json.dumps(get_page_config(jupyter_path("labextensions")).get("disabledExtensions", [])))
"""

OURS_OFF = set(json.loads((ROOT / "labextension" / "package.json").read_text())["jupyterlab"]["disabledExtensions"])
"""Plugins of theirs that give way to ours."""

WHO_ANSWERS = """
import json, subprocess, sys, time, urllib.error, urllib.request
from pathlib import Path
Path("work").mkdir(exist_ok=True)
Path("work/a.txt").write_text("x")
server = subprocess.Popen(
    [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.root_dir=work",
     "--IdentityProvider.token=t", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"],
    cwd=".", stdout=subprocess.DEVNULL, stderr=open("server.log", "w"))

def ask(method, path, body=None):
    data = body and json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Authorization": "token t"}, method=method)
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code

try:
    for _ in range(600):
        time.sleep(0.1)
        found = list(Path("runtime").glob(f"jpserver-{server.pid}.json"))
        if found and (text := found[0].read_text()).endswith("}"):
            url = json.loads(text)["url"].replace("localhost", "127.0.0.1")
            break
    session = ask("PUT", "api/collaboration/session/a.txt", {"format": "text", "type": "file"})
    print(json.dumps({"session": session in (200, 201), "ours": ask("GET", "api/collaboration/status")}))
finally:
    server.terminate()
    server.wait(60)
"""


def state(environment: Environment) -> dict[str, Any]:
    """Which server extensions are on, which plugins of the front end are off, and who answers for documents."""
    listed = re.sub(r"\x1b\[\d+m", "", environment.run("-m", "jupyter_server", "extension", "list"))
    answered = environment.run("-c", WHO_ANSWERS)
    return {
        "extensions": dict(re.findall(r"^ {4}(\S+) (enabled|disabled)$", listed, re.MULTILINE)),
        "disabled": set(json.loads(environment.run("-c", PLUGINS))),
        "answers": json.loads(answered.splitlines()[-1]),
    }


def is_ours(found: dict[str, Any], before: dict[str, Any]) -> None:
    assert found["extensions"]["jupyter_live"] == "enabled"
    assert found["extensions"]["jupyter_server_ydoc"] == "disabled"
    assert found["disabled"] - before["disabled"] == OURS_OFF
    assert found["answers"] == {"session": True, "ours": 200}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("migration"))
    environment.install(*THEIRS)
    return environment


@pytest.mark.timeout(1200)
def test_installed_after_jupyter_collaboration_and_uninstalled_again(environment: Environment) -> None:
    store = Path(environment.folder, "work", ".jupyter_ystore.db")
    before = state(environment)
    assert before["extensions"]["jupyter_server_ydoc"] == "enabled"
    assert before["answers"] == {"session": True, "ours": 404}
    store.write_bytes(b"theirs")
    environment.install(str(build()[0]))
    with_us = state(environment)
    is_ours(with_us, before)
    assert store.read_bytes() == b"theirs"
    environment.uninstall("jupyter-live")
    assert state(environment) == before
    # The other way round: theirs is put over ours.
    environment.install(str(build()[0]))
    environment.install("--force-reinstall", "--no-deps", "jupyter-collaboration", "jupyter-server-ydoc")
    assert state(environment) == with_us
