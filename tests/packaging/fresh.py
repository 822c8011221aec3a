"""Virtual environments to install in."""

import os
import sys
import venv
from pathlib import Path

from releases import run


class Environment:
    """A fresh virtual environment: no Node on PATH and nothing of the user's Jupyter."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder)
        self.folder = folder
        self.labextension = folder / "share" / "jupyter" / "labextensions" / "jupyter-live"
        self.server_config = folder / "etc" / "jupyter" / "jupyter_server_config.d"
        self._python = str(folder / "bin" / "python")

    def install(self, *what: str) -> None:
        """`pip install` with the pip of the tests' own environment."""
        self._pip("install", *what)

    def uninstall(self, name: str) -> None:
        """`pip uninstall`."""
        self._pip("uninstall", "--yes", name)

    def run(self, *arguments: str) -> str:
        """Output of this environment's Python with these arguments."""
        return run(self._python, *arguments, cwd=self.folder, env=self._variables())

    def _pip(self, command: str, *arguments: str) -> None:
        quiet = ("--quiet", "--disable-pip-version-check")
        run(sys.executable, "-m", "pip", "--python", self._python, command, *quiet, *arguments, env=self._variables())

    def _variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
        path = [str(self.folder / "bin")]
        path += [entry for entry in kept["PATH"].split(os.pathsep) if not Path(entry, "npm").exists()]
        own = {f"JUPYTER_{name}_DIR": str(self.folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        return {**kept, **own, "PATH": os.pathsep.join(path)}
