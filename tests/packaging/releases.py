"""The wheel and the sdist of this checkout, built once for all packaging tests."""

import functools
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_folder = tempfile.TemporaryDirectory(prefix="jupyter-live-dist-")  # goes with the process


def run(*command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Output of a command, standard error included; if the command fails, so does the test, and shows it."""
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


@functools.cache
def build() -> tuple[Path, Path]:
    """(wheel, sdist). The wheel is built from the sdist, as for a release."""
    run(sys.executable, "-m", "build", "--outdir", _folder.name, str(ROOT))
    folder = Path(_folder.name)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))
