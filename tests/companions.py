"""Packages of others that Jupyter Live must work with, each beside the tests' own environment instead of in it.

A package that adds a server extension or a labextension changes every Jupyter server of its environment. So each gets
an environment of its own in `.companions`, which sees all that the tests' environment has, Jupyter Live among it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

CACHE = Path(__file__).resolve().parents[1] / ".companions"


@dataclass(frozen=True)
class Companion:
    """An environment with a package and what that needs."""

    python: Path

    @property
    def variables(self) -> dict[str, str]:
        """For Jupyter: where the tests' environment has extensions and labextensions."""
        return {
            "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
            "JUPYTER_CONFIG_PATH": f"{sys.prefix}/etc/jupyter",
            "JUPYTER_PREFER_ENV_PATH": "1",
        }


def companion(name: str, *packages: str) -> Companion:
    """The environment with these packages; made the first time, which takes a minute."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    stamp, wanted = folder / "installed", "\n".join([sys.version, *packages])
    CACHE.mkdir(exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        if not stamp.is_file() or stamp.read_text() != wanted:
            venv.create(folder, clear=True)
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            beside = folder / "lib" / version / "site-packages" / "beside.pth"
            # Not only its path: an editable installation is made known by a .pth file of its own.
            beside.write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
            pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
            kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
            subprocess.run([*pip, "--disable-pip-version-check", *packages], check=True, env=kept)
            _complete(folder / "share/jupyter/lab", Path(sys.prefix) / "share/jupyter/lab")
            stamp.write_text(wanted)
    return Companion(python)


def _complete(lab: Path, whole: Path) -> None:
    """A package that has settings in JupyterLab's own folder: that is where all of JupyterLab is looked for then."""
    for path in whole.glob("*") if lab.is_dir() else ():
        if not (lab / path.name).exists():
            (lab / path.name).symlink_to(path)
        elif path.is_dir():
            _complete(lab / path.name, path)
