"""Install what the tests need and run them: npm's first, pytest's last, with its arguments."""

import os
import subprocess
import sys

import chromium
import environment
import npm_build
import services

ALONE = ["tests/browser", "tests/packaging"]
"""What takes all of a machine: a browser whose pages are not drawn in time, and installations."""
APART = ["tests", *(f"--ignore={folder}" for folder in ALONE)]
PROCESSES = min(os.cpu_count() or 1, 4)


def main(arguments: list[str]) -> int:
    environment.ensure("test")
    environment.ensure_node()
    os.environ["JUPYTER_LIVE_CHROMIUM"] = chromium.find_or_install()
    services.find_or_install()
    failed = 0
    if arguments:
        environment.say("arguments choose among pytest's tests: the labextension's own are left out")
    else:
        environment.say("npm test in labextension/")
        failed = subprocess.run(["npm", "test", "--silent"], cwd=npm_build.HERE).returncode
    if not arguments:
        environment.say("pytest, several at a time")
        failed = _pytest(*APART, "-n", str(PROCESSES), "--dist", "worksteal") or failed
        arguments = ALONE
    environment.say("pytest")
    # Nothing is printed after pytest's closing line.
    return _pytest(*arguments) or failed


def _pytest(*arguments: str) -> int:
    return subprocess.run([environment.PYTHON, "-m", "pytest", *arguments], cwd=environment.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
