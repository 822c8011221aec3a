"""Make sure that there are programs of Redis and PostgreSQL for the tests, or install them."""

import subprocess
import sys

import environment

MISSING = "from jupyter_live.testing import programs; print(*programs.missing())"


def find_or_install() -> None:
    """Ends the program with one line if they are not to be had."""
    missing = _missing()
    if missing and environment.can_install():
        environment.say(f"installing Debian's {' and '.join(missing)}")
        environment.apt_install(*missing)
        missing = _missing()
    if missing:
        sys.exit(f"The tests need {' and '.join(missing)}: install them with the system's package manager.")


def _missing() -> list[str]:
    """Names of Debian's packages; the environment's Python is asked, as wheels may bring the programs, too."""
    command = [str(environment.PYTHON), "-c", MISSING]
    return subprocess.run(command, cwd=environment.ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
