"""The virtual environment that the scripts work in: `.venv` in the repository.

It holds Jupyter Live as an editable install with the extras that a script asks for. All that an
install depends on is hashed, so that the second run has nothing to do.
"""

import contextlib
import fcntl
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

sys.path.insert(0, str(ROOT / "labextension"))
import npm_build  # noqa: E402


def ensure(extra: str) -> None:
    """Make `.venv` hold the current Jupyter Live with this extra, then put it first on PATH.

    Ends the program with one line if that cannot be done.
    """
    os.environ["PATH"] = f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    with _alone():
        _create()
        stamp = VENV / f"installed-{extra}"
        wanted = f"{npm_build.digest(_inputs())} {ROOT}"
        if stamp.is_file() and stamp.read_text() == wanted:
            say(f"{VENV.name} is up to date")
            return
        say(f"installing Jupyter Live with its '{extra}' extra into {VENV.name} (minutes the first time)")
        _pip_install("--editable", f"{ROOT}[{extra}]")
        for other in VENV.glob("installed-*"):
            if other.read_text() != wanted:
                other.unlink()  # that install has just been replaced
        stamp.write_text(wanted)


def ensure_node() -> None:
    """Make `node`, `npm` and labextension/node_modules available; Node comes from PyPI if need be."""
    with _alone():
        if not npm_build.has_node():
            say(f"no {npm_build.NODE_NEEDED} here: installing one from PyPI into {VENV.name}")
            _pip_install(npm_build.NODE_WHEEL)
        try:
            npm_build.install_dependencies()
        except npm_build.BuildError as error:
            sys.exit(str(error))


def can_install() -> bool:
    """Whether `apt_install` works here: as root on Debian or one like it."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install packages of the system; ends the program if that fails."""
    run("apt-get", "update", "--quiet=2")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", *packages)


def run(*command: str) -> None:
    """Run a command in the repository; ends the program if it fails."""
    start = time.monotonic()
    status = subprocess.run(command, cwd=ROOT).returncode
    if status:
        sys.exit(f"failed with exit status {status}: {' '.join(command)}")
    say(f"done in {time.monotonic() - start:.0f} s")


def say(text: str) -> None:
    """Tell the user what happens, ahead of what the next program prints."""
    print(f"==> {text}", flush=True)


def _create() -> None:
    if not PYTHON.exists():
        # Absent, half made, or made with a Python that has gone since.
        say(f"making {VENV.name} with Python {platform.python_version()}")
        venv.create(VENV, clear=True)
    if not any(VENV.glob("lib/python*/site-packages/pip/__main__.py")):
        subprocess.run([PYTHON, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL, check=True)


def _pip_install(*what: str) -> None:
    run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


def _inputs() -> list[Path]:
    patterns = ("setup.cfg", "pyproject.toml", "jupyter_live/__init__.py", "jupyter-config/*", "labextension/*.py")
    own = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return own + npm_build.source_files()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let a second script wait while another one installs."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
