"""Start JupyterLab on a copy of the sample notebook and print two links to it for two people."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import environment

WORK = environment.ROOT / ".lab"
NOTEBOOK = "welcome.ipynb"
# JupyterLab's own files are here too, so that nothing in the user's home is read or changed.
JUPYTER = WORK / ".jupyter"
LOG = JUPYTER / "server.log"
START_SECONDS = 120

# JupyterLab would otherwise ask each newcomer whether to fetch news.
QUIET = {"fetchNews": "false", "checkForUpdates": False}
QUIET_FILE = JUPYTER / "config/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"


def main(options: list[str]) -> int:
    if "--help" in options or "-h" in options:
        print("scripts/lab [option of `jupyter lab` ...]: " + (__doc__ or ""))
        return 0
    environment.ensure("demo")
    prepare()
    server = start(options)
    # Ctrl-C reaches the server as well, which then stops by itself; a SIGTERM is handed on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    info = wait_until_up(server)
    if info is None:
        print(LOG.read_text()[-3000:], file=sys.stderr)
        print(f"JupyterLab did not start (exit status {server.poll()}); see the lines above.", file=sys.stderr)
        server.terminate()
        return server.wait() or 1
    show_links(info)
    status = server.wait()
    environment.say("stopped" if status == 0 else f"ended with exit status {status}; see {shown(LOG)}")
    return status


def prepare() -> None:
    """Fill the working folder; what is there already stays."""
    QUIET_FILE.parent.mkdir(parents=True, exist_ok=True)
    if not QUIET_FILE.exists():
        QUIET_FILE.write_text(json.dumps(QUIET))
    if not (WORK / NOTEBOOK).exists():
        shutil.copy(environment.ROOT / "examples" / NOTEBOOK, WORK / NOTEBOOK)


def start(options: list[str]) -> "subprocess.Popen[bytes]":
    """Start the server in the background; it logs to LOG."""
    folders = {f"JUPYTER_{name.upper()}_DIR": str(JUPYTER / name) for name in ("config", "data", "runtime")}
    token = {"JUPYTER_TOKEN": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)}
    command = [str(environment.PYTHON), "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.root_dir={WORK}", "--ServerApp.answer_yes=True"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    environment.say(f"starting JupyterLab in {WORK.name}/ (log: {shown(LOG)})")
    with LOG.open("wb") as log:
        return subprocess.Popen(
            command + options, env={**os.environ, **folders, **token}, stdout=log, stderr=subprocess.STDOUT
        )


def wait_until_up(server: "subprocess.Popen[bytes]") -> dict[str, str] | None:
    """What the server says of itself (port, token, base_url, ...), or None if it did not start."""
    described = JUPYTER / f"runtime/jpserver-{server.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if described.exists():
            with contextlib.suppress(json.JSONDecodeError):  # not yet written to the end
                return dict(json.loads(described.read_text()))
        time.sleep(0.1)
    return None


def shown(path: Path) -> str:
    return str(path.relative_to(environment.ROOT))


def show_links(info: dict[str, str]) -> None:
    """Jupyter keeps a visitor's name in a cookie for each host: two host names are two people."""
    print("\nOpen both links, also side by side in one browser, and type in either:\n")
    for who, host in (("one", "localhost"), ("two", "127.0.0.1")):
        page = f"{info['base_url']}lab/workspaces/{who}/tree/{NOTEBOOK}?token={quote(info['token'])}"
        print(f"  person {who}:  http://{host}:{info['port']}{page}")
    print("\nCtrl-C stops JupyterLab.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
